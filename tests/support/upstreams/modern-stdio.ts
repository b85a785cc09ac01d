/** {@link createModernServer} as a program that speaks the modern era only. @module */

import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createModernServer } from "./modern-server.ts";

serveStdio(() => createModernServer(), { legacy: "reject" });
