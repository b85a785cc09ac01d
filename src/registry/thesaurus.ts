/**
 * Words of people → words of tools.
 *
 * People say what they want ("zip", "the team", "how far"); tools say what they do ("gzip",
 * "channel", "distance"). Each line reads: any of these words may mean any of those.
 *
 * @module
 */

const LINES: readonly string[] = [
  // Looking and finding
  "show see display print view look: list get read view describe",
  "fetch grab obtain receive pull out: get read retrieve",
  "what which who: list get search",
  "find locate discover seek hunt: search find list",
  "lookup look: search find get",
  "know knowledge recall: search read memory",
  "explain inspect examine detail info about: describe get information",
  "say content text: read content",
  "enumerate available all every: list",
  "how many number count total: count sum size",
  "google online internet web news latest current: web search",
  "publications publication scientific academic article study: research papers paper",
  "several multiple various both: multiple many",
  "report thorough deep: research agent",
  "sources many: research",
  "compare difference differ changed versus: diff compare",
  "history past last previous earlier: log history list back",
  "documentation manual docs library api: documentation docs library",
  // Making and changing
  "make new add put start begin build generate open: create add new",
  "put insert store save record write: insert write store create add",
  "save persist keep: write store save set",
  "overwrite replace: write update",
  "change modify alter adjust edit fix correct: edit update modify patch",
  "rename: rename move",
  "put move relocate drag: move",
  "remove erase drop discard throw forget clear clean: delete remove clear drop",
  "undo revert back rollback restore: reset revert undo rollback restore",
  "cancel stop end abort quit shut: stop cancel close delete",
  "copy duplicate clone: copy clone fork",
  "download: download clone get fetch pull",
  "upload publish send: upload push post",
  "combine unite: merge join",
  "mark label: tag label add",
  "stash aside unfinished later park: stash",
  "single one pick: cherry pick",
  "compress zip pack: gzip compress archive",
  "calculate compute add plus sum math: sum calculate",
  "convert turn transform translate into: convert transform",
  "group bucket: aggregate group",
  "order arrange rank: sort",
  "retry again: rerun restart",
  // Files
  "folder dir mkdir path: directory",
  "directory: folder directory",
  "document note notes readme md txt source code: file document contents",
  "disk drive: file directory size storage",
  "png jpg jpeg picture photo image photograph: image media screenshot",
  "mp3 wav song sound audio music: audio media",
  "structure hierarchy nested: tree",
  "below under inside: recursively search directory",
  "big large space bytes: size",
  "spreadsheet excel csv table: dataset table csv",
  "rows row records entries documents: rows query data document records",
  "json: data json",
  // Code hosting and version control
  "repo project: repository",
  "pr prs: pull request",
  "ticket bug defect problem: issue",
  "ci pipeline build check checks pass green: status check checks workflow",
  "remark reply respond answer feedback: comment reply review",
  "comment leave: comment create",
  "waiting pending outstanding: list open",
  "author wrote blame responsible: blame",
  "version release v1: tag version release",
  "uncommitted staged committed changed: status diff",
  "commits: log commit",
  "switch change go: checkout switch navigate context",
  "account person people user member colleague: user profile users",
  "untracked: clean",
  "repository readme: file contents repository",
  // Talking
  "tell notify inform announce message write say: post message send",
  "team colleagues everyone room general: channel",
  "channel: channel slack",
  "emoji smile thumbs react: reaction",
  "conversation discussion: thread message",
  "email mail contact title phone: profile email",
  // Browsers
  "website site webpage homepage url link: page url browser website",
  "page: page browser",
  "go visit surf browse open: navigate goto open",
  "capture snapshot photograph picture: screenshot take",
  "press hit push tap: click press key",
  "enter escape keyboard shortcut: key press",
  "type enter fill in: type fill input",
  "form field login password: fill form",
  "scroll hover mouse: hover scroll mouse",
  "dropdown choose select: select option",
  "javascript js script: evaluate script javascript",
  "errors logged warnings console: console message",
  "http request requests calls traffic network: network request",
  "dark light theme mode: emulate media color",
  "phone mobile slow 3g offline connection throttle simulate: emulate network",
  "tab tabs window: tab page",
  "return before previous back: back",
  "slow fast speed performance load loading: performance trace insight",
  "memory leak heap: heap snapshot memory",
  "popup alert confirm: dialog",
  "wait until: wait",
  "scrape extract crawl: scrape extract crawl",
  "changes monitor watch alert when notify: monitor watch",
  // Places
  "place restaurant shop cafe business nearby local: place local search",
  "hours opening reviews rating: details place review",
  "far distance apart crow between: distance matrix",
  "high altitude height sea level: elevation",
  "way route drive walk ride travel get there from: directions route",
  "coordinates latitude longitude: geocode coordinates",
  "address street: geocode address",
  "reachable within minutes: isochrone",
  "halfway middle center: midpoint center",
  "map: map static",
  // Databases and clusters
  "sql postgres mysql sqlite select table: query sql database",
  "select where matching filter condition: query find filter",
  "mongo: mongodb",
  "database db: database",
  "columns fields shape: schema describe",
  "slow explain plan: explain index",
  "users: users user count",
  "container pod crash crashed output: logs pod describe",
  "output logs: logs",
  "replicas instances more scale: scale",
  "cluster service services k8s kube: kubernetes kubectl",
  "localhost tunnel reach: port forward",
  "deploy rollout install: apply rollout install create",
  "production environment switch: context",
  "run execute command: exec run execute",
  // Knowledge and thought
  "remember memorize learn fact: memory entities observations create add",
  "memorized: memory graph read",
  "fact person works: observations entities relations",
  "know: search nodes open",
  "relation connected between: relations",
  "think reason step plan: thinking sequential",
  "weekly calendar event: calendar event",
  "members workspace people: users list",
  "paragraph section text: block content markdown",
  "faster quicker: index performance",
  "whole entire complete: crawl all full",
];

/** Word → words that tools may use for it. */
export const thesaurus: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const map = new Map<string, Set<string>>();
  for (const line of LINES) {
    const [from = "", to = ""] = line.split(":");
    for (const word of from.trim().split(" ")) {
      const meanings = map.get(word) ?? new Set<string>();
      for (const other of to.trim().split(" ")) if (other !== word) meanings.add(other);
      map.set(word, meanings);
    }
  }
  return map;
})();
