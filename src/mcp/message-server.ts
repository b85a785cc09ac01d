/** MCP for one client, over whole messages. @module */

/** One client that is being served. */
export interface MessageServer {
  /** Take a message of the client. */
  receive(message: unknown): void;
  /** Answer that what came is no message. */
  refuse(message: string, code?: number): void;
  /** Resolves when every request is answered, or after a moment. */
  drain(): Promise<void>;
  /** The client is gone: its calls are cancelled. */
  close(): Promise<void>;
}
