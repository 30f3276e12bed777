import { type BuildSection, section } from '../section.js';
import { factsOf } from '../tables.js';

export const buildSettings: BuildSection = ({ model }) => {
  const { heads, pretrainings } = model.data;
  if (heads.length + pretrainings.length === 0) return null;
  const all = [...heads, ...pretrainings].map(({ name, facts }) => factsOf(name, facts));
  return section('settings', 'Settings, versions, hashes', ...all);
};
