/** Where a call about workflows is answered. @module */

import {
  answerPlaced,
  atPeer,
  type CallResult,
  DeadlineError,
  InputError,
  type Placed,
  type TaskScope,
  type ToolContext,
  UnavailableError,
  type Workflows,
} from "../../src/tool.ts";

type Surroundings = Pick<ToolContext, "tasks" | "workflows" | "caller" | "signal">;

/** A call that may be about one run. */
interface AboutRun extends Placed {
  readonly workflowId?: string;
}

/**
 * Who answers of the servers that take part in a run: its coordinator; that one and, where it is gone,
 * whoever is asked, with what it knows; or whoever is asked in any case.
 */
export type Answerer = "at its coordinator" | "at its coordinator, else here" | "here";

/** What is only looked at may be of a moment before. */
export const ELSE_HERE: Answerer = "at its coordinator, else here";

/** Answer here, or where the call names a peer or the queues of this server are elsewhere, there. */
export async function answer<Input extends AboutRun, T>(
  tool: string,
  input: Input,
  context: Surroundings,
  here: (workflows: Workflows, scope: TaskScope, rest: Omit<Input, "peer" | "queue">) => Promise<T>,
  answerer: Answerer = "at its coordinator",
): Promise<T | CallResult> {
  const { peer, ...unplaced } = input;
  const elsewhere = async (): Promise<CallResult | undefined> =>
    answerer === "here" ? undefined : atCoordinator(tool, input, context, answerer);
  const local = async (
    scope: TaskScope,
    rest: Omit<Input, "peer" | "queue">,
  ): Promise<T | CallResult> => {
    const there = await elsewhere();
    if (there) return there;
    try {
      return await here(context.workflows, scope, rest);
    } catch (error) {
      // It may have gone to another server at this moment.
      const moved = isUnknown(error) ? await elsewhere() : undefined;
      if (moved) return moved;
      throw error;
    }
  };
  try {
    // Looked up here only: where nothing can be kept this throws, and others may still be asked.
    return await answerPlaced(tool, input, context, local);
  } catch (error) {
    const mayBeKnown = peer !== undefined && isAway(error) && answerer === ELSE_HERE;
    if (!mayBeKnown || (await coordinatorOf(input, context)) === undefined) throw error;
    // The peer that was to be asked coordinates the run and is gone.
    const known = { ...unplaced } as Omit<Input, "peer">;
    return answerPlaced(tool, known, context, (scope, rest) =>
      here(context.workflows, scope, rest as Omit<Input, "peer" | "queue">),
    );
  }
}

/** The answer of the server that has the run; `undefined` where this one is to answer. */
async function atCoordinator(
  tool: string,
  input: AboutRun,
  context: Surroundings,
  answerer: Answerer,
): Promise<CallResult | undefined> {
  const peer = await coordinatorOf(input, context);
  if (peer === undefined) return undefined;
  try {
    return await atPeer(tool, { ...input, peer }, context);
  } catch (error) {
    if (!isAway(error)) throw error;
    if (answerer === ELSE_HERE) return undefined;
    const { workflowId } = input;
    const message = `${peer} coordinates workflow ${workflowId} and cannot be reached: where it is gone, take the run over with p2p_workflow_coordinate`;
    throw new UnavailableError("peer_unreachable", message, {
      cause: error,
      data: { peer, workflowId },
    });
  }
}

async function coordinatorOf(
  { workflowId, queue }: AboutRun,
  { workflows, caller }: Surroundings,
): Promise<string | undefined> {
  // A peer that asks was sent here: nobody is sent in circles.
  if (workflowId === undefined || caller.grant.peer) return undefined;
  return workflows.coordinatorOf({ caller, queue }, workflowId);
}

function isUnknown(error: unknown): boolean {
  return error instanceof InputError && error.code === "not_found";
}

function isAway(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof DeadlineError;
}
