/**
 * What a source offers beside tools: resources, prompts, completions (MCP's other lists).
 *
 * Shapes are MCP's own; they are passed through and not interpreted here.
 *
 * @module
 */

import type { ToolContext } from "./context.ts";

/** An MCP object that passes through unchanged. */
export type Passed = Readonly<Record<string, unknown>>;

/** A resource, by its URI. */
export interface ResourceInfo extends Passed {
  readonly uri: string;
  readonly name: string;
}

/** A family of resources, by an RFC 6570 template. */
export interface ResourceTemplateInfo extends Passed {
  readonly uriTemplate: string;
  readonly name: string;
}

/** A prompt, by its name. */
export interface PromptInfo extends Passed {
  readonly name: string;
}

/** The part of a call's context that reads and prompts need. */
export type OfferContext = Pick<
  ToolContext,
  "signal" | "caller" | "client" | "inputResponses" | "requestState" | "progress" | "log"
>;

/** Each method mirrors one MCP request; what is left out is not offered. */
export interface Offer {
  listResources?(context: OfferContext): Promise<readonly ResourceInfo[]>;
  listResourceTemplates?(context: OfferContext): Promise<readonly ResourceTemplateInfo[]>;
  /** `undefined`: this source has no such resource. */
  readResource?(uri: string, context: OfferContext): Promise<Passed | undefined>;
  subscribe?(uri: string): Promise<void>;
  unsubscribe?(uri: string): Promise<void>;
  listPrompts?(context: OfferContext): Promise<readonly PromptInfo[]>;
  /** `undefined`: this source has no such prompt. */
  getPrompt?(
    name: string,
    args: Readonly<Record<string, string>>,
    context: OfferContext,
  ): Promise<Passed | undefined>;
  complete?(params: Passed, context: OfferContext): Promise<Passed | undefined>;
}
