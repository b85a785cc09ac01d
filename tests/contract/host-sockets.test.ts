/** The host that runs the tests keeps the contract of sockets. @module */

import { host } from "#host";
import { dialSocket } from "../../src/mesh/dial-socket.ts";
import { testHostSockets } from "./host-sockets.ts";

testHostSockets(host, "the web's WebSocket", dialSocket);
if (host.dialSocket) testHostSockets(host, "the host", host.dialSocket);
