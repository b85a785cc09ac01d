import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { AuthError } from "../../../src/errors.ts";
import { allowedHosts, createGuard } from "../../../src/server/guard.ts";

function request(host: string | undefined, origin?: string): Request {
  const headers = new Headers();
  if (host !== undefined) headers.set("host", host);
  if (origin !== undefined) headers.set("origin", origin);
  return new Request("http://127.0.0.1:8000/mcp", { headers });
}

const guard = createGuard({
  hosts: allowedHosts("127.0.0.1", ["Tools.example", "proxy.example:8443"]),
  origins: ["https://app.example", "https://Other.example:444/"],
});

/** `ok`, or the code of the refusal. */
function verdict(host: string | undefined, origin?: string): string {
  try {
    guard.check(request(host, origin));
    return "ok";
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error);
  }
}

describe("createGuard()", () => {
  it("lets in requests for the names of this server, with any port unless one is given", () => {
    for (const host of [
      "localhost",
      "localhost:8000",
      "LOCALHOST:1",
      "127.0.0.1:8000",
      "[::1]:8000",
      "[::1]",
      "tools.example",
      "TOOLS.example:443",
      "proxy.example:8443",
      undefined,
    ]) {
      assertEquals(verdict(host), "ok", host);
    }
  });

  it("refuses requests under any other name, as a page does that rebinds its own", () => {
    for (const host of [
      "evil.example",
      "evil.example:8000",
      "localhost.evil.example",
      "evil.example#localhost",
      "localhost@evil.example",
      "evil-localhost",
      "127.0.0.1.nip.io",
      "127.0.0.2",
      "0.0.0.0:8000",
      "[::]",
      "localhost.",
      "localhost:8000:1",
      "localhost:",
      "proxy.example",
      "proxy.example:443",
      "192.168.1.5:8000",
      "",
    ]) {
      assertEquals(verdict(host), "forbidden_host", host);
    }
  });

  it("lets in pages of this server, of configured origins, and of this machine", () => {
    for (const [host, origin] of [
      ["localhost:8000", "http://localhost:8000"],
      ["tools.example", "https://tools.example"],
      ["tools.example:8443", "https://tools.example:8443"],
      ["tools.example", "https://app.example"],
      ["tools.example", "https://other.example:444"],
      ["127.0.0.1:8000", "http://localhost:6274"],
      ["[::1]:8000", "https://127.0.0.1"],
    ]) {
      assertEquals(verdict(host, origin), "ok", origin);
    }
  });

  it("refuses pages of any other origin", () => {
    for (const [host, origin] of [
      ["localhost:8000", "http://evil.example"],
      ["localhost:8000", "null"],
      ["localhost:8000", ""],
      ["localhost:8000", "localhost:8000"],
      ["localhost:8000", "file://localhost:8000"],
      ["localhost:8000", "http://localhost.evil.example"],
      ["localhost:8000", "http://localhost@evil.example"],
      ["localhost:8000", "http://evil.example/localhost"],
      ["localhost:8000", "https://tools.example"],
      ["tools.example", "http://localhost:8000"],
      ["tools.example:8443", "https://tools.example"],
      ["tools.example", "https://app.example.evil.example"],
      ["tools.example", "http://app.example"],
    ]) {
      assertEquals(verdict(host, origin), "forbidden_origin", origin);
    }
  });

  it("decides the same the second time, and after more names than it remembers", () => {
    for (let at = 0; at < 600; at += 1) {
      assertEquals(verdict(`host-${at}.example`), "forbidden_host");
      assertEquals(verdict("localhost", `http://evil-${at}.example`), "forbidden_origin");
      assertEquals(verdict("localhost", "http://localhost:3000"), "ok");
    }
  });

  it("names what was refused, cut to a readable length, and the setting to change", () => {
    const error = assertThrows(() => guard.check(request("x".repeat(500))), AuthError);

    assertEquals(error.message.includes("listen.allowedHosts"), true);
    assertEquals(error.message.length < 300, true);
  });

  it("takes any name for its own when told so", () => {
    const open = createGuard({ hosts: ["*"], origins: [] });

    open.check(request("anything.example"));
    assertThrows(() => open.check(request("anything.example", "http://evil.example")), AuthError);
  });
});

describe("allowedHosts()", () => {
  it("adds the address that is listened on, unless it stands for all of them", () => {
    const own = (hostname: string) => allowedHosts(hostname, []).slice(3);

    assertEquals(own("192.168.1.5"), ["192.168.1.5"]);
    assertEquals(own("fe80::1"), ["[fe80::1]"]);
    assertEquals(own("localhost"), []);
    for (const all of ["0.0.0.0", "::", "[::]"]) assertEquals(own(all), []);
  });
});
