/** Completion scripts: each asks `mcpp __complete`, so that it knows tools and categories too. @module */

/** The hidden command that the scripts call, followed by the words up to the cursor. */
export const COMPLETE_COMMAND = "__complete";

/** A shell for which there is a script. */
export type Shell = "bash" | "zsh" | "fish";

// Bash splits words at ":" and "="; joining them again would need bash-completion, which is not
// everywhere, and no name of ours has either.
const bash = `# Completion of mcpp for bash: source <(mcpp completion bash)
_mcpp() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    line="\${line%%$'\\t'*}"
    [[ "$line" == "\${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" ${COMPLETE_COMMAND} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _mcpp mcpp
`;

const zsh = `#compdef mcpp
# Completion of mcpp for zsh, after compinit: source <(mcpp completion zsh)
_mcpp() {
  local line name tab=$'\\t'
  local -a proposals
  while IFS= read -r line; do
    name=\${line%%$tab*}
    proposals+=("\${name//:/\\\\:}:\${line#*$tab}")
  done < <("\${words[1]}" ${COMPLETE_COMMAND} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#proposals} )); then
    _describe 'mcpp' proposals
  else
    _files
  fi
}
compdef _mcpp mcpp
`;

const fish = `# Completion of mcpp for fish: mcpp completion fish | source
function __mcpp_complete
  set -l words (commandline -opc)
  $words[1] ${COMPLETE_COMMAND} -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c mcpp -f -a '(__mcpp_complete)'
`;

/** The script for a shell. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash, zsh, fish };
