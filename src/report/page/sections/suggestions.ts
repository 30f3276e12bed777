import { h } from '../dom.js';
import { type BuildSection, section } from '../section.js';
import { suggestionsTable } from '../tables.js';

export const buildSuggestions: BuildSection = ({ model, play }) => {
  const { suggestions } = model.data;
  if (suggestions === null) return null;
  const { task, features, list } = suggestions;
  const says = `Stretches that the heads of ${task} on ${features} are unsure of and that stand for many others. Uncertainty: mean entropy, 0 sure, 1 knows nothing.`;
  return section('suggestions', 'What to label next', h('p', {}, says), suggestionsTable(list, play));
};
