# The boot text of the driven bash. PROMPT_COMMAND evaluates it and then the loop; bash runs that whenever it is back at its
# top level: at the start, and after an interrupt, an unset variable under `set -u`, or anything else that unwinds it. Code
# is evaluated at the top level, where `declare` is global, and on line 1. Every name of ours begins with __oi_.
export -n PROMPT_COMMAND
unset -v MAILCHECK TMOUT HISTFILE
set +o history +H
export PAGER=cat GIT_PAGER=cat MANPAGER=cat SYSTEMD_PAGER=cat GIT_TERMINAL_PROMPT=0 DEBIAN_FRONTEND=noninteractive
__oi_tty=$(command stty -opost noflsh 0</dev/tty; command stty -g 0</dev/tty)
__oi_id=
__oi_once=
__oi_traps=
__oi_watches=
__oi_special=

# Report the end of the last code, again if an interrupt got in between, and wait for the next. The report is the prompt of
# `read -s`, which writes it after it has turned echo off; reading restores echo before the code starts.
__oi_step() {
  local report nonce next data more word=ok
  [[ ! $__oi_traps ]] || __oi_untrap
  builtin jobs >/dev/null
  # Unlike an assignment, this goes on where the code made one of them read-only.
  { builtin printf -v PROMPT_COMMAND %s "$__oi_loop"; builtin printf -v PS1 ''; builtin printf -v PS2 ''; } 2>/dev/null
  [[ -t 0 && -t 1 && -t 2 ]] || exec 0<>/dev/tty 1>&0 2>&0
  ! __oi_is_left_impatient || exec 0<>/proc/self/fd/0 1>&0 2>&0
  builtin printf -v report '\e]6973;%s;h;%s\a' "$__oi_nonce" "$$"
  if [[ $__oi_id ]]; then
    [[ $__oi_status == 0 ]] || word=error
    builtin printf -v report '\e]6973;%s;z;%s;%s;%s\a' "$__oi_nonce" "$__oi_id" "$word" "$__oi_status"
  fi
  while :; do
    IFS=' ' builtin read -rs -p "$report" nonce next data more 0</dev/tty 2>/dev/tty || builtin exit
    report=
    [[ $nonce == *"$__oi_nonce" ]] || continue
    [[ $more == . ]] || __oi_rest
    case $data in
      x*) break ;;
      q*) trap - EXIT; builtin exit 0 ;;
    esac
  done
  builtin printf -v __oi_code '\n%b' "${data#x}"
  case $__oi_code in *trap* | *source* | *'. '* | *eval*) __oi_watches=1 ;; esac
  [[ ! $__oi_special ]] || __oi_code='{ __oi_set=$__oi_special __oi_special=; builtin eval "$__oi_set"; } 2>/dev/null; '$__oi_code
  case $__oi_flags in *x*) __oi_code="set -x; $__oi_code" ;; esac
  case $__oi_flags in *v*) __oi_code="set -v; $__oi_code" ;; esac
  case $__oi_flags in *e*) __oi_code="set -e; $__oi_code" ;; esac
  case $__oi_flags in *u*) __oi_code="set -u; $__oi_code" ;; esac
  __oi_id=$next
  case $__oi_code in *exec*) __oi_snapshot ;; *trap*) __oi_retrap ;; esac
  builtin printf '\e]6973;%s;s;%s\a' "$__oi_nonce" "$next" >/dev/tty
}

# Say whether a program has set the terminal, which it shares with all others, not to be waited for: then what those print
# is lost as soon as there is much of it. Where there is no /proc, nobody tells.
__oi_is_left_impatient() {
  local flags
  { IFS= builtin read -r -d m flags </proc/self/fdinfo/1; } 2>/dev/null
  [[ ${flags%$'\n'} == *[4-7]??? ]]
}

# Read the other lines of a long message; echo stays off between them. What `$()` runs is no job.
__oi_rest() {
  local part
  : $(command stty -echo 0</dev/tty)
  builtin printf '\e]6973;%s;c\a' "$__oi_nonce" >/dev/tty
  while [[ $more != . ]] && IFS=' ' builtin read -r nonce next part more 0</dev/tty; do data+=$part; done
  : $(command stty echo 0</dev/tty)
}

# Give the code the exit status of the code before it.
__oi_last() { return "$__oi_status"; }

# Keep the snapshot in the way of a trap of the code's on EXIT: afterwards, and, by making `trap` a function, at once. In a
# function bash sets back what is done to the other special traps, so that code with one of those has the snapshot before it.
__oi_retrap() {
  __oi_snapshot
  __oi_traps=1
  case $__oi_code$(declare -f) in *RETUR[N]* | *DEBU[G]* | *ER[R]*) return 0 ;; esac
  ! declare -F trap >/dev/null || return 0
  __oi_traps=2
  trap() {
    builtin trap "$@" || return
    [[ $BASH_SUBSHELL != 0 || $# -lt 2 ]] || __oi_wrap
  }
}
__oi_untrap() {
  [[ $__oi_traps != 2 ]] || unset -f trap
  __oi_traps=
  __oi_wrap
}
__oi_wrap() {
  local -a words=()
  eval "words=($(builtin trap -p EXIT))"
  [[ ${words[2]-} == __oi_exit* ]] || builtin trap -- "__oi_exit; ${words[2]-}" EXIT
}

# Print what restores the state in another bash. What cannot be set again (read-only variables of bash itself) fails there,
# unseen; a trap on EXIT has run.
__oi_snapshot() {
  : $({
    set -- "$__oi_nonce" "$__oi_special"
    unset -v ${!__oi_@}
    builtin printf '\e]6973;%s;x;1\a' "$1"
    shopt -p
    declare -p
    declare -f
    declare -F
    alias -p
    umask -p
    builtin printf 'cd -- %q\n' "$PWD"
    set +o
    builtin trap -p
    builtin printf '%s\n' "$2"
    builtin printf 'builtin trap __oi_exit EXIT\n\e]6973;%s;x;0\a' "$1"
  } >/dev/tty 2>/dev/null)
}

# On the way out, keep the state, unless a subshell ends. It happens in a subshell, because bash may still refuse to exit. A
# trap that follows finds the status it should, and under `set -e` that must not end it.
__oi_exit() {
  local status=$?
  [[ $BASH_SUBSHELL != 0 || ! $__oi_once ]] || { __oi_once=; __oi_snapshot; }
  set +e
  return "$status"
}
exit() {
  set -- "${@-$?}"
  [[ $BASH_SUBSHELL != 0 || ! $__oi_once ]] || { __oi_once=; __oi_snapshot; }
  builtin exit "$@"
}
trap __oi_exit EXIT

# Traps on what every command does are set while code runs only: the loop is none of its commands. The first command after
# the code still sets them off, unseen.
#
# `for` stops a `break` of the code; one that breaks more levels ends `while`, which is then begun again.
__oi_save='{ __oi_status=$? __oi_flags=$-; set +xveu; [[ ! $__oi_watches ]] || { __oi_special+=$(builtin trap -p ERR RETURN DEBUG); builtin trap - DEBUG ERR RETURN; }; } >/dev/null 2>&1; '
__oi_loop=$__oi_save'while __oi_step; do for __oi_once in 1; do __oi_last; builtin eval "$__oi_code"; done; '$__oi_save'done; builtin eval "$__oi_loop"'
unset -v __oi_boot
