import { drawLearningCurves } from '../charts.js';
import { figure } from '../dom.js';
import { type BuildSection, section, slot } from '../section.js';
import { readTheme } from '../theme.js';

export const buildLearning: BuildSection = (world) => {
  const { learningCurves } = world.model.data;
  if (learningCurves.length === 0) return null;
  return section(
    'learning',
    'Learning curves',
    figure(
      'How much labels are worth.',
      'Bands: intervals over recordings and seeds.',
      slot(world, () => drawLearningCurves(learningCurves, readTheme())),
    ),
  );
};
