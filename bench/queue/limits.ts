/**
 * What SQLite itself does with the same durability (WAL, synchronous=FULL, one process): a commit of
 * one small row, and a queue of one table in which each step of each task is a commit.
 *
 * @module
 */

import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { newTaskId } from "../../src/queue/task-id.ts";
import { type QueueUnderTest, serveClients, timed } from "./clients.ts";

const SPEC = JSON.stringify({ tool: "add", input: { a: 1, b: 2 }, about: "x".repeat(250) });

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT);
    CREATE TABLE tasks (
      number INTEGER PRIMARY KEY, id TEXT UNIQUE, state TEXT, priority INTEGER, spec TEXT, result TEXT
    );
    CREATE INDEX ready ON tasks (priority DESC, number) WHERE state = 'ready';
  `);
  return database;
}

function bareCommits(database: DatabaseSync): QueueUnderTest["once"] {
  const insert = database.prepare("INSERT INTO rows (text) VALUES (?)");
  return () => timed(async () => insert.run(SPEC));
}

function commitEach(database: DatabaseSync): QueueUnderTest["once"] {
  const submit = database.prepare(
    "INSERT INTO tasks (id, state, priority, spec) VALUES (?, 'ready', 5, ?)",
  );
  const claim = database.prepare(
    `UPDATE tasks SET state = 'leased' WHERE number = (SELECT number FROM tasks
       WHERE state = 'ready' ORDER BY priority DESC, number LIMIT 1) RETURNING number, spec`,
  );
  const complete = database.prepare("UPDATE tasks SET state = 'done', result = ? WHERE number = ?");
  return async () => {
    const submitMs = await timed(async () => submit.run(newTaskId(Date.now()), SPEC));
    const leased = claim.get();
    complete.run('{"sum":3}', Number(leased?.number));
    return submitMs;
  };
}

await serveClients(async (path) => {
  const database = openDatabase(path);
  const once = process.argv[2] === "commit" ? bareCommits(database) : commitEach(database);
  return { once, close: async () => database.close() };
});
