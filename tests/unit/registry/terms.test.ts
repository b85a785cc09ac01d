import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { conceptsOf, termsOf } from "../../../src/registry/terms.ts";

describe("termsOf()", () => {
  it("splits identifiers and sentences alike", () => {
    assertEquals(termsOf("readTextFile"), termsOf("read_text-file"));
    assertEquals(termsOf("What is in the FILE?"), ["file"]);
    assertEquals(termsOf(""), []);
  });

  it("meets the forms of a word in one", () => {
    for (const forms of [
      ["list", "lists", "listing", "listed", "listings"],
      ["merge", "merging", "merged"],
      ["query", "queries"],
      ["stop", "stopping", "stopped"],
      ["search", "searches"],
    ]) {
      assertEquals(new Set(forms.flatMap((form) => termsOf(form))).size, 1, forms.join(" "));
    }
  });

  it("keeps letters of every script and drops marks", () => {
    assertEquals(termsOf("Über 検索"), ["u", "ber", "検索"]);
  });
});

describe("conceptsOf()", () => {
  it("knows what tools may say instead of the asker's words", () => {
    const concepts = conceptsOf("remove the folder");
    const meant = new Set(concepts.flatMap(({ term, meanings }) => [term, ...meanings]));

    for (const term of termsOf("remove delete folder directory")) assert(meant.has(term), term);
    assertEquals(concepts.length, 2);
    assertEquals(conceptsOf("the"), []);
  });
});
