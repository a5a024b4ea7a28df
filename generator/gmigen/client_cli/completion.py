"""Completion for bash, zsh and fish: `eval "$(_GMI_COMPLETE=bash_source gmi)"`.

Click's own scripts take `name=value` for several words in bash, which breaks words at `=`, `:` and
`@`, and put a space behind `name=`. These give bash the line as it is, and no such space.
"""

from __future__ import annotations

import os

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

_BASH = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        if [[ $type == dir ]]; then
            compopt -o dirnames
        elif [[ $type == file ]]; then
            compopt -o default
        elif [[ $type == plain ]]; then
            [[ $value == *[=@/] ]] && compopt -o nospace
            printf -v value '%%q' "$value"
            COMPREPLY+=("$value")
        fi
    done < <(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a response closed open
    local type told
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for type told in $response; do
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            open) open+=("$told") ;;
            plain) closed+=("$told") ;;
        esac
    done
    local -a folded=(-M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}')
    (( $#closed )) && _describe -V unsorted closed $folded
    (( $#open )) && _describe -V unsorted open $folded -S ''
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_OPEN = ("=", "@", "/")


class Bash(BashComplete):
    """Reads the line up to the cursor, and answers what readline will put in place of a word."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor's, and that one so far."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)[1:]
        begun = bool(words) and not line[-1:].isspace()
        return (words[:-1], words[-1]) if begun else (words, "")

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Without what stands before the last break, which readline leaves alone."""
        _, incomplete = self.get_completion_args()
        breaks = set(os.environ.get("COMP_BREAKS", "")) & set("=:@")
        kept = max((incomplete.rfind(one) for one in breaks), default=-1) + 1
        return f"{item.type},{item.value[kept:]}"


class Zsh(ZshComplete):
    """Shows what each candidate is, and puts no space behind `name=`."""

    source_template = _ZSH

    def format_completion(self, item: CompletionItem[str]) -> str:
        """The value, in which a colon would begin what it is, and that."""
        value = item.value.replace("\\", "\\\\").replace(":", "\\:")
        told = f"{value}:{item.help}" if item.help else value
        return f"{'open' if item.value[-1:] in _OPEN else item.type}\n{told}"


class Fish(FishComplete):
    """Takes a comma for part of what a candidate is."""

    source_template = FishComplete.source_template.replace("string split ", "string split -m 1 ")


def register() -> None:
    """Take the place of click's own."""
    for shell in (Bash, Zsh, Fish):
        add_completion_class(shell)
