import type { ErrorKind } from '../../errors.js';
import type { RunEvent } from '../../events/event.js';

/** Why a run is asked to end early. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'parent lost';

/** What becomes of the run when the process that shows it is gone. */
export type WhenParentLost = 'stop' | 'continue';

export type MessageToTrainer =
  | { readonly type: 'start'; readonly job: unknown; readonly whenParentLost: WhenParentLost }
  | { readonly type: 'stop'; readonly reason: StopReason }
  | { readonly type: 'save' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' };

export type MessageFromTrainer =
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'result'; readonly result: unknown }
  | {
      readonly type: 'user error';
      readonly kind: ErrorKind;
      readonly message: string;
      readonly hint: string | undefined;
    }
  | { readonly type: 'bug'; readonly stack: string };
