/** Category `p2p_peer`: find, connect and measure other servers and pages. @module */

import type { Tool } from "../../src/tool.ts";
import { peerBootstrap } from "./bootstrap.ts";
import { peerCleanup } from "./cleanup.ts";
import { peerConnect } from "./connect.ts";
import { peerDisconnect } from "./disconnect.ts";
import { peerDiscover } from "./discover.ts";
import { peerGetPublicIp } from "./get-public-ip.ts";
import { peerList } from "./list.ts";
import { peerListConnected } from "./list-connected.ts";
import { peerMetrics } from "./metrics.ts";
import { peerRegister } from "./register.ts";

/** The tools of the category `p2p_peer`. */
export const tools: readonly Tool[] = [
  peerRegister,
  peerDiscover,
  peerBootstrap,
  peerCleanup,
  peerGetPublicIp,
  peerList,
  peerConnect,
  peerDisconnect,
  peerListConnected,
  peerMetrics,
];
