/** `mcpp workflow verify`, with the server's blocks and with those of a file. */

import { after, before, describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { toBase64 } from "../../../src/ipld/base64.ts";
import { verifyProof } from "../../../src/workflow/proof/verify.ts";
import { blocksIn, fileOf } from "../../support/proof-files.ts";
import { createProof, proofOf } from "../../support/proof-scene.ts";
import { cli } from "../../support/run-cli.ts";
import { serveWorkflows } from "../../support/workflow-server.ts";

let id: string;
let file: Uint8Array;
let gap: Uint8Array;

before(async () => {
  const scene = await createProof({ after });
  ({ id, file } = scene);
  scene.cut("cellar");
  gap = await proofOf(scene.owners.home, id);
});

const answer = (bytes: Uint8Array) => ({
  p2p_workflow_get_dag: { format: "car", text: toBase64(bytes) },
});

describe("mcpp workflow verify", () => {
  it("asks the server for the blocks, and says what they prove", async (t) => {
    const { workflow, calls } = await serveWorkflows(t, answer(file));

    const { code, stdout, stderr } = await workflow(["verify", id, "--queue", "night"]);

    assertEquals([code, calls.length], [0, 1], stderr);
    assertEquals(calls[0]?.[1], { workflowId: id, format: "car", queue: "night" });
    const [first, ...lines] = stdout.trimEnd().split("\n");
    assertMatch(first ?? "", new RegExp(`^workflow ${id}, written as bafy`));
    assertMatch(
      lines[0] ?? "",
      /^✓ home\/default: \d+ commits with \d+ events of the run, up to bafy/,
    );
    assertMatch(lines[3] ?? "", /^✓ \d+ blocks are what their CIDs say/);
    assertEquals(lines.slice(4), [
      "✓ the order is proven for 5 of 5 edges of the graph",
      "begun in this order: there, back, each, in, in.a, in.b, end",
    ]);
    assertStringIncludes(stderr, "compare them with what each owner says");
  });

  it("says what is missing, with exit code 4", async (t) => {
    const { workflow } = await serveWorkflows(t, answer(gap));

    const { code, stdout } = await workflow(["verify", id]);

    assertEquals(code, 4);
    assertStringIncludes(stdout, "! the order is proven for 1 of 5 edges of the graph\n");
    assertStringIncludes(
      stdout,
      "! cellar/default is missing: it does not answer: peer_unreachable\n",
    );
    assertStringIncludes(stdout, "! in → end: what cellar did is not there\n");
  });

  it("says what is wrong in a file, with exit code 5, and asks nobody", async () => {
    const { root, blocks } = blocksIn(file);
    const head = verifyProof(file).logs[0]?.head;
    const headless = blocks.filter(({ cid }) => cid.toString() !== head);
    const files = { "/work/run.car": file, "/work/bad.car": fileOf(root, headless) };

    const good = await cli(["workflow", "verify", "--file", "run.car", "--json"], { files });
    const bad = await cli(["workflow", "verify", "--file", "bad.car"], { files });

    const { workflowId, faults, edges } = JSON.parse(good.stdout);
    assertEquals([good.code, workflowId, faults, edges.length], [0, id, [], 5]);
    assertEquals(bad.code, 5);
    assertMatch(bad.stdout, /^✗ the head of home\/default, a header, is not there: bafy/);
    assertMatch(bad.stdout, /\na file in which something is wrong proves nothing\n$/);
  });

  it("takes a workflow or a file", async () => {
    const files = { "/work/text.car": "hello" };
    for (const [args, says] of [
      [[], "Name a workflow, or a CAR file with --file"],
      [["x", "--file", "run.car"], "one of the two is verified"],
      [["--file", "none.car"], "There is no file none.car"],
    ] as const) {
      const { code, stderr } = await cli(["workflow", "verify", ...args], { files });
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, says);
    }
    const { code, stderr } = await cli(["workflow", "verify", "--file", "text.car"], { files });
    assertEquals(code, 5);
    assertStringIncludes(stderr, "This is no CAR file");
  });
});

describe("mcpp workflow dag --format car", () => {
  it("writes the bytes of the file", async (t) => {
    const { workflow } = await serveWorkflows(t, answer(file));

    const written = await workflow(["dag", id, "--format", "car", "--out", "run.car"]);

    assertEquals(written.code, 0, written.stderr);
    assertEquals(written.stdout, "");
    assertStringIncludes(written.stderr, "wrote /work/run.car");
    assertEquals(written.file("/work/run.car").bytes, file);
  });
});
