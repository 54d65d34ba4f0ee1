# The boot text of the driven zsh: `zsh -f -i -c` runs it. Code is evaluated at the top level, where `typeset` is global,
# and `always` takes back whatever unwinds it: an interrupt, an error, an unset variable. Every name of ours begins with
# __oi_. Comments are on, as in a script; history is off.
setopt interactive_comments no_bang_hist no_notify no_check_jobs no_beep
unset MAILCHECK MAIL TMOUT HISTFILE
export PAGER=cat GIT_PAGER=cat MANPAGER=cat SYSTEMD_PAGER=cat GIT_TERMINAL_PROMPT=0 DEBIAN_FRONTEND=noninteractive
__oi_tty=$(command stty -opost noflsh 0</dev/tty; command stty -g 0</dev/tty)
__oi_id=
__oi_once=
__oi_watches=
__oi_special=
zmodload zsh/parameter

# Report the end of the last code and wait for the next. The report is the prompt of `read -s`, which writes it after it has
# turned echo off; reading restores echo before the code starts.
__oi_step() {
  emulate -L zsh
  local report nonce next data more word=ok
  [[ -t 0 && -t 1 && -t 2 ]] || exec 0<>/dev/tty 1>&0 2>&0
  ! __oi_is_left_impatient || exec 0<>/proc/self/fd/0 1>&0 2>&0
  builtin printf -v report '\e]6973;%s;h;%s\a' $__oi_nonce $$
  if [[ -n $__oi_id ]]; then
    [[ $__oi_status == 0 ]] || word=error
    builtin printf -v report '\e]6973;%s;z;%s;%s;%s\a' $__oi_nonce $__oi_id $word $__oi_status
  fi
  while :; do
    IFS=' ' builtin read -rs "nonce?$report" next data more 0</dev/tty 2>/dev/tty || builtin exit
    report=
    [[ $nonce == *$__oi_nonce ]] || continue
    [[ $more == . ]] || __oi_rest
    case $data in
      x*) break ;;
      q*) unset -f zshexit; trap - EXIT; builtin exit 0 ;;
    esac
  done
  builtin printf -v __oi_code '\n%b' "${data#x}"
  [[ $__oi_code != *(trap|TRAP|source|'. '|eval)* ]] || __oi_watches=1
  [[ -z $__oi_special ]] || __oi_code='{ __oi_set=$__oi_special __oi_special=; eval "$__oi_set" } 2>/dev/null; '$__oi_code
  [[ $__oi_flags != *x* ]] || __oi_code="set -x; $__oi_code"
  [[ $__oi_flags != *v* ]] || __oi_code="set -v; $__oi_code"
  [[ $__oi_flags != *e* ]] || __oi_code="set -e; $__oi_code"
  [[ $__oi_flags != *u* ]] || __oi_code="set -u; $__oi_code"
  __oi_id=$next
  __oi_how=$__oi_do
  [[ $__oi_code != *return* && $#__oi_code -lt 20000 ]] || __oi_how=$__oi_file
  [[ $__oi_code != *exec* ]] || __oi_snapshot
  builtin printf '\e]6973;%s;s;%s\a' $__oi_nonce $next >/dev/tty
}

# Say whether a program has set the terminal, which it shares with all others, not to be waited for: then what those print
# is lost as soon as there is much of it. Where there is no /proc, nobody tells.
__oi_is_left_impatient() {
  local flags
  { IFS= builtin read -r -d m flags </proc/self/fdinfo/1; } 2>/dev/null
  [[ ${flags%$'\n'} == *[4-7]??? ]]
}

# Read the other lines of a long message; echo stays off between them. Adding to a long text is slow in zsh.
__oi_rest() {
  local part
  local -a parts=("$data")
  command stty -echo 0</dev/tty
  builtin printf '\e]6973;%s;c\a' $__oi_nonce >/dev/tty
  while [[ $more != . ]] && IFS=' ' builtin read -r nonce next part more 0</dev/tty; do parts+=("$part"); done
  data=${(j::)parts}
  command stty echo 0</dev/tty
}

# Give the code the exit status of the code before it.
__oi_last() { return $__oi_status }

# Print what restores the state in another zsh. What zsh itself sets is left out, except where programs are looked for.
__oi_snapshot() {
  (
    local set_options="$(set +o)"
    emulate -L zsh
    local name
    builtin printf '\e]6973;%s;x;1\a' $__oi_nonce
    for name in ${(k)parameters}; do
      [[ $name == (__oi_*|_) || $parameters[$name] == *(special|local)* ]] || typeset -p -- $name
    done
    builtin print -r -- "PATH=${(q)PATH}"
    functions -- ${${(k)functions}:#(__oi_*|zshexit)}
    alias -L
    builtin print -r -- "umask $(umask); cd -- ${(q)PWD}"
    builtin print -r -- $set_options
    builtin printf '\e]6973;%s;x;0\a' $__oi_nonce
  ) >/dev/tty 2>/dev/null
}

# `set -e` runs only the trap, and a trap of the code's own leaves only the hook; the code's status goes on to the outside.
__oi_exit() {
  [[ -z $__oi_once || $ZSH_SUBSHELL != 0 ]] || { __oi_once=; __oi_snapshot; }
}
zshexit() { __oi_exit }
trap __oi_exit EXIT

# A trap on what every command does is set while code runs only: the loop is none of its commands.
#
# `for` stops a `break` of the code; one that breaks more levels ends `while`, which is then begun again. `return` outside of a
# function would end the shell, but not a file that is read, and long code takes `eval` minutes.
__oi_hush='[[ -z $__oi_watches ]] || { __oi_special+=${functions[TRAPDEBUG]+"$(functions TRAPDEBUG)"}${(M)${(f)"$(trap)"}:#*DEBUG}; trap - DEBUG }'
__oi_save='{ __oi_status=$? __oi_flags=$-; set +xveu; } >/dev/null 2>&1; '
__oi_do='__oi_last >/dev/null; eval "$__oi_code"'
__oi_file='__oi_last >/dev/null; source <(builtin print -rn -- "$__oi_code")'
__oi_loop=$__oi_save'while __oi_step; do for __oi_once in 1; do { eval "$__oi_how" } always { { TRY_BLOCK_ERROR=0 TRY_BLOCK_INTERRUPT=0; '$__oi_hush' } >/dev/null 2>&1 }; done; '$__oi_save'done; eval "$__oi_loop"'
eval "$__oi_loop"
