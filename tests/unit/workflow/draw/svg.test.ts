/** Workflows as pictures. @module */

import { describe, it } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { InputError } from "../../../../src/errors.ts";
import { DARK, LIGHT } from "../../../../src/workflow/draw/colours.ts";
import { drawSvg } from "../../../../src/workflow/draw/svg.ts";
import { chainOf, dagOf, HOSTILE_DAG, SAMPLE } from "./sample-dag.ts";

/** The names of the elements; fails where a tag is not closed or a text holds what it must not. */
function elementsOf(svg: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = svg.replaceAll(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi,
    (_, end, name, _attributes, isEmpty) => {
      if (end) assertEquals(open.pop(), name);
      else names.push(name);
      if (!end && !isEmpty) open.push(name);
      return "";
    },
  );
  assertEquals(open, []);
  assertMatch(rest, /^(?:[^<>&\p{Cc}]|\n|&(?:amp|lt|gt|quot|#39);)*$/u);
  return names;
}

const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** As WCAG 2 reckons it. */
function contrastOf(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

describe("drawSvg()", () => {
  it("is a well-formed picture with a name, a description and every node and edge", async () => {
    const svg = await drawSvg(SAMPLE);
    const names = elementsOf(svg);
    assertMatch(
      svg,
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="wf" role="img" width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2">/,
    );
    assertEquals(names.slice(0, 4), ["svg", "title", "desc", "style"]);
    assertStringIncludes(
      svg,
      "<title>Workflow nightly: running · since 2026-11-20 12:00:00 UTC</title>",
    );
    assertStringIncludes(svg, "Critical path: fetch, is_large, embed, end.</desc>");
    assertEquals(svg.match(/class="id"[^>]*>[^<]*/g)?.length, 6);
    assertEquals(svg.match(/marker-end="url\(#wf-arrow\)"/g)?.length, 3);
    assertEquals(svg.match(/marker-end="url\(#wf-arrow-critical\)"/g)?.length, 3);
  });

  it("says of a node what it does, how long it took, how far it is and what it waits for", async () => {
    const svg = await drawSvg(SAMPLE);
    assertMatch(svg, /<g class="done">.*>fetch<\/text>.*>1\.4 s<\/text>.*>http_get<\/text>/);
    assertMatch(svg, /<g class="running">.*>30\/40<\/text>.*>map · vector_embed<.*class="bar"/);
    assertMatch(svg, /<title>release: wait · waiting for approval ops, until 2026-11-21 /);
  });

  it("keeps every box within the picture and apart from the others", async () => {
    for (const dag of [SAMPLE, chainOf(900)]) {
      const svg = await drawSvg(dag);
      const height = Number(/ height="(\d+)"/.exec(svg)?.[1]);
      const tops = [...svg.matchAll(/class="id" x="(\d+)" y="(\d+)"/g)].map(
        ([, x, y]) => `${x} ${y}`,
      );
      assertEquals(new Set(tops).size, dag.nodes.length);
      for (const top of tops) assert(Number(top.split(" ")[1]) + 124 < height);
    }
  });

  it("escapes every text and asks nothing of elsewhere", async () => {
    const svg = await drawSvg(HOSTILE_DAG);
    assertEquals(elementsOf(svg).includes("script"), false);
    assertEquals(/\bhref|@import|url\((?!#)/.test(svg), false);
    assertStringIncludes(svg, "a&quot;]b c&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;d");
  });

  it("draws 2,000 nodes, in a row or side by side", async () => {
    elementsOf(await drawSvg(chainOf(2_000)));
    const wide = dagOf(Array.from({ length: 2_000 }, (_, at) => ({ id: `step_${at}` })));
    const [, width] = / width="(\d+)"/.exec(await drawSvg(wide)) ?? [];
    assert(Number(width) < 10_000, width);
  });

  it("refuses more, with the way out", async () => {
    const error = await assertRejects(() => drawSvg(chainOf(2_001)), InputError, "2001");
    assertEquals(error.code, "invalid_input");
    assertMatch(error.message, /"json" or "dot"/);
    assertEquals(error.data, { nodes: 2_001, limit: 2_000 });
  });

  it("draws a workflow of no nodes", async () => {
    elementsOf(await drawSvg(dagOf([])));
  });

  it("is readable in every state, on light and on dark ground", () => {
    for (const [paper, palette] of [["#ffffff", LIGHT] as const, ["#0d1117", DARK] as const]) {
      for (const [state, { fill, line, text }] of Object.entries(palette)) {
        assert(contrastOf(text, fill) >= 7, `text of ${state}`);
        assert(contrastOf(line, fill) >= 3, `line of ${state}`);
        assert(contrastOf(line, paper) >= 3, `line of ${state} on ${paper}`);
      }
    }
  });
});
