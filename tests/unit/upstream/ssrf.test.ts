import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { InputError, UnavailableError } from "../../../src/errors.ts";
import { type AddressPolicy, assertReachable, kindOf } from "../../../src/upstream/ssrf.ts";

const names: Readonly<Record<string, readonly string[]>> = {
  "public.example": ["93.184.215.14"],
  "inside.example": ["192.168.1.7"],
  "both.example": ["93.184.215.14", "10.0.0.1"],
  "loop.example": ["127.0.0.1"],
  "loop6.example": ["::1"],
  "cloud.example": ["169.254.169.254"],
};

function reach(url: string, policy: Partial<AddressPolicy> = {}): Promise<void> {
  return assertReachable(new URL(url), {
    upstream: "remote",
    allowPrivateNetwork: false,
    resolveAddresses: async (name) => {
      const found = names[name];
      if (!found) throw new Error(`ENOTFOUND ${name}`);
      return found;
    },
    ...policy,
  });
}

describe("kindOf()", () => {
  const table = {
    public: ["93.184.215.14", "2606:4700::1111"],
    loopback: ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"],
    private: [
      ...["10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.1.1", "0.0.0.0"],
      ...["fc00::1", "fe80::1", "::", "224.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1"],
      "2002:a00:1::",
    ],
    metadata: [
      ...["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254"],
      ...["64:ff9b::169.254.169.254", "2002:a9fe:a9fe::"],
    ],
  };
  for (const [kind, addresses] of Object.entries(table)) {
    it(`knows ${kind} addresses in every spelling`, () => {
      for (const address of addresses)
        assertEquals(`${address} ${kindOf(address)}`, `${address} ${kind}`);
    });
  }
});

describe("assertReachable()", () => {
  it("lets public https and named loopback pass", async () => {
    for (const url of [
      ...["https://public.example/mcp", "https://93.184.215.14/mcp", "http://localhost:3000/mcp"],
      ...["http://127.0.0.1:3000/mcp", "http://[::1]:3000/mcp", "https://mcp.localhost/mcp"],
    ]) {
      await reach(url);
    }
  });

  it("refuses private addresses, however they are written", async () => {
    for (const url of [
      ...["https://inside.example/", "https://both.example/", "https://10.0.0.1/"],
      ...["http://3232235777/", "http://0300.0250.1.1/", "https://[fd12::1]/"],
    ]) {
      await assertRejects(() => reach(url), InputError, "allowPrivateNetwork");
      await reach(url, { allowPrivateNetwork: true });
    }
  });

  it("refuses a public name that leads to loopback", async () => {
    for (const url of ["https://loop.example/", "https://loop6.example/"]) {
      await assertRejects(() => reach(url), InputError, "private");
    }
  });

  it("refuses metadata services even where private networks are allowed", async () => {
    for (const url of [
      ...["http://169.254.169.254/latest", "https://cloud.example/", "http://[fd00:ec2::254]/"],
      ...["http://metadata.google.internal/", "http://100.100.100.200/"],
    ]) {
      await assertRejects(
        () => reach(url, { allowPrivateNetwork: true }),
        InputError,
        "credentials",
      );
    }
  });

  it("refuses plain http on the open network, and other protocols", async () => {
    await assertRejects(() => reach("http://public.example/mcp"), InputError, "use https");
    await assertRejects(() => reach("file:///etc/passwd"), InputError, "not http or https");
    await assertRejects(() => reach("ftp://public.example/"), InputError, "not http or https");
  });

  it("names a name that does not exist", async () => {
    await assertRejects(() => reach("https://nowhere.example/"), UnavailableError, "was not found");
  });

  it("leaves names to the platform where the host cannot look them up", async () => {
    await reach("https://inside.example/", { resolveAddresses: undefined });
    await assertRejects(
      () => reach("https://10.0.0.1/", { resolveAddresses: undefined }),
      InputError,
    );
  });
});
