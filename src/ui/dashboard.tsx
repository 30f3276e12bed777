import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { planLayout } from './layout.js';
import type { Palette } from './palette.js';
import type { RunState } from './run-state.js';
import { Curves } from './views/curves.js';
import { Guards } from './views/guards.js';
import { Head } from './views/head.js';
import { Help } from './views/help.js';
import { Messages } from './views/messages.js';
import { CheckpointLine, PhaseLine, ProgressBar, Stats, Title } from './views/progress.js';
import { Results } from './views/results.js';
import { Sweep } from './views/sweep.js';

export interface DashboardProps {
  readonly state: RunState;
  readonly columns: number;
  readonly rows: number;
  /** The run itself, its messages only, or what the keys do. */
  readonly view: 'run' | 'log' | 'help';
  readonly isPaused: boolean;
  readonly hasKeys: boolean;
  /** Whether curves have a logarithmic scale. */
  readonly isLogScale: boolean;
  /** Row of the sweep's table that is looked at; null: the first that runs. */
  readonly chosenJob: number | null;
  readonly elapsedSeconds: number;
  readonly palette: Palette;
}

/** The screen of a run. */
export function Dashboard(props: DashboardProps): ReactElement {
  const { state, columns, rows, view, palette } = props;
  const layout = planLayout(state, columns, rows);
  const room = layout.lines - 2;
  // Cut in height alone: every text keeps to its width by itself, and a cut in width measures and slices each line anew.
  return (
    <Box flexDirection="column" width={columns} height={layout.lines} overflowY="hidden">
      <Title state={state} palette={palette} columns={columns} />
      {view === 'help' && <Help lines={room} />}
      {view === 'log' && state.messages.length === 0 && <Text>No messages so far</Text>}
      {view === 'log' && state.messages.length > 0 && (
        <Messages messages={state.messages} lines={room} palette={palette} />
      )}
      {view === 'run' && (
        <>
          <ProgressBar {...props} />
          <PhaseLine state={state} isPaused={props.isPaused} palette={palette} />
          <Stats state={state} lines={layout.stats} columns={columns} />
          <Curves state={state} layout={layout.curves} isLogScale={props.isLogScale} palette={palette} />
          <Guards guards={state.guards} lines={layout.guards} columns={columns} palette={palette} />
          <Head state={state} lines={layout.head} columns={columns} palette={palette} />
          <Results results={state.results} lines={layout.results} columns={columns} palette={palette} />
          <Sweep
            jobs={state.jobs}
            chosen={props.chosenJob}
            lines={layout.sweep}
            columns={columns}
            palette={palette}
          />
          <CheckpointLine state={state} palette={palette} />
          <Messages messages={state.messages} lines={layout.messages} palette={palette} />
        </>
      )}
      <Box flexGrow={1} />
      <Keys {...props} />
    </Box>
  );
}

/** The keys that do something now, on one line. */
function Keys({
  state,
  columns,
  hasKeys,
  isPaused,
  isLogScale,
  view,
  palette,
}: DashboardProps): ReactElement {
  const isSweep = state.sweep !== null;
  const hasSteps = state.started?.command === 'pretrain' || state.step !== null;
  const hasCurves = Object.keys(state.curves).length > 0;
  const keys = [
    isSweep ? 'q stop' : 'q save and stop',
    ...(isSweep ? ['↑↓ choose'] : []),
    ...(hasSteps ? ['s save'] : []),
    ...(isSweep ? [] : [isPaused ? 'p go on' : 'p pause']),
    ...(hasCurves ? [isLogScale ? 'l linear' : 'l log'] : []),
    view === 'log' ? 'm back' : 'm messages',
    view === 'help' ? '? back' : '? help',
  ];
  const wide = keys.join('   ');
  const text = wide.length <= columns ? wide : keys.join('  ');
  return (
    <Text {...palette.quiet} wrap="truncate">
      {hasKeys ? text : 'Ctrl-C: save and stop'}
    </Text>
  );
}
