/** The host that runs the tests keeps the contract of sockets. @module */

import { host } from "#host";
import { testHostSockets } from "./host-sockets.ts";

testHostSockets(host);
