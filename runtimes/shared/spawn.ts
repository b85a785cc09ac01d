/**
 * Child processes through `node:child_process`, which Node, Bun and Deno all have.
 *
 * A child leads its own process group, so that a signal reaches whatever it started too
 * (`npx` starts the server it is asked for as a grandchild).
 *
 * @module
 */

import { type ChildProcess, spawn as spawnChild } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { InputError, messageOf, UnavailableError } from "../../src/errors.ts";
import type { Command, ExitStatus, Subprocess } from "../../src/host.ts";

const isWindows = process.platform === "win32";

/** Start a program; throws when there is none of that name or it may not run. */
export async function spawnProcess(command: Command): Promise<Subprocess> {
  const { file, args } = isWindows ? withoutBatchFile(command) : command;
  const child = spawnChild(file, args, {
    env: { ...command.env },
    ...(command.cwd !== undefined && { cwd: command.cwd }),
    stdio: ["pipe", "pipe", "pipe"],
    detached: !isWindows,
    windowsHide: true,
  });
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once("exit", (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined }),
    );
  });
  await started(child, command);
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || !stdin || !stdout || !stderr) {
    throw new UnavailableError("upstream_unavailable", `"${command.file}" started without pipes`);
  }
  return {
    pid,
    stdin: writableOf(stdin),
    stdout: readableOf(stdout),
    stderr: readableOf(stderr),
    exited,
    kill: (signal) => killGroup(child, pid, signal),
  };
}

function started(child: ChildProcess, command: Command): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.on("error", (cause: NodeJS.ErrnoException) => reject(startError(command, cause)));
  });
}

function startError(command: Command, cause: NodeJS.ErrnoException): Error {
  const data = { command: command.file };
  if (cause.code === "ENOENT") {
    // The system says the same of a missing folder.
    const sentence =
      command.cwd === undefined || existsSync(command.cwd)
        ? `There is no program "${command.file}" in PATH; install it, or give its full path`
        : `The folder "${command.cwd}", in which "${command.file}" is to run, does not exist`;
    return new InputError("invalid_config", sentence, { cause, data });
  }
  return new UnavailableError(
    "upstream_unavailable",
    `"${command.file}" could not be started: ${messageOf(cause)}`,
    { cause, data },
  );
}

function killGroup(child: ChildProcess, pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  if (isWindows) {
    // There are no process groups; taskkill walks the tree of children.
    spawnChild("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: nobody of the group is left. EPERM on macOS: only zombies are.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") child.kill(signal);
  }
}

function readableOf(stream: Readable): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOver = false;
        const end = (error?: Error): void => {
          if (isOver) return;
          isOver = true;
          if (error) controller.error(error);
          else controller.close();
        };
        stream.on("data", (chunk: Uint8Array) => {
          if (isOver) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) stream.pause();
        });
        stream.once("end", () => end());
        stream.once("close", () => end());
        stream.once("error", end);
      },
      pull: () => void stream.resume(),
      cancel: () => void stream.destroy(),
    },
    { highWaterMark: 16 },
  );
}

function writableOf(stream: Writable): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    start: (controller) => void stream.once("error", (error) => controller.error(error)),
    write(chunk): Promise<void> | undefined {
      if (stream.write(chunk)) return undefined;
      return new Promise((resolve, reject) => {
        stream.once("drain", resolve);
        stream.once("close", () => reject(new Error("The program closed its input")));
      });
    },
    close: () => void stream.end(),
    abort: () => void stream.destroy(),
  });
}

/** npm installs programs as `.cmd` files, which only a shell can run: run what they point to. */
function withoutBatchFile(command: Command): Command {
  const path = command.env.PATH ?? command.env.Path ?? "";
  for (const folder of [dirname(command.file), ...path.split(delimiter)]) {
    const shim = join(folder, `${command.file.replace(/\.cmd$/i, "")}.cmd`);
    const target = scriptOf(shim);
    if (target)
      return { ...command, file: "node", args: [join(dirname(shim), target), ...command.args] };
  }
  return command;
}

function scriptOf(shim: string): string | undefined {
  try {
    return /"%~?dp0%?\\([^"]+\.[cm]?js)"/i.exec(readFileSync(shim, "utf8"))?.[1];
  } catch {
    // Most folders of PATH have no such file: absence is the answer.
    return undefined;
  }
}
