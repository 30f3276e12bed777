import { drawTraining } from '../charts.js';
import { figure } from '../dom.js';
import { type BuildSection, section, slot } from '../section.js';
import { readTheme } from '../theme.js';

export const buildPretraining: BuildSection = (world) => {
  const { pretrainings } = world.model.data;
  if (pretrainings.length === 0) return null;
  return section(
    'training',
    'Pretraining',
    figure(
      'Losses, optimiser and guards over training steps.',
      'Green bands: healthy ranges.',
      slot(world, () => drawTraining(pretrainings, readTheme())),
    ),
  );
};
