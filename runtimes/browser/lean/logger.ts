/**
 * In pages, for libp2p's logger: what a person is to know comes as an error or a change, and the
 * machinery to print the rest is 3 KiB of the bundle (gzip).
 *
 * @module
 */

import type { ComponentLogger, Logger } from "@libp2p/interface";

const quiet: Logger = Object.assign((): void => {}, {
  enabled: false,
  error: (): void => {},
  trace: (): void => {},
  newScope: (): Logger => quiet,
});

const components: ComponentLogger = { forComponent: () => quiet };

/** A logger that says nothing. */
export const logger = (): Logger => quiet;
export const defaultLogger = (): ComponentLogger => components;
export const peerLogger = (): ComponentLogger => components;
export const prefixLogger = (): ComponentLogger => components;
