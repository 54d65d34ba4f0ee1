# The boot text of a driven POSIX shell (dash, busybox): `sh -i -s -c` runs it, then the loop, and an interrupt unwinds both
# to the shell's own prompt, where the loop is typed again. Every name of ours begins with __oi_. There is no `local`, and
# `command` keeps an error of a special builtin, such as a syntax error in `eval`, from unwinding everything.
unset -v MAIL MAILCHECK MAILPATH HISTFILE ENV
export PAGER=cat GIT_PAGER=cat MANPAGER=cat SYSTEMD_PAGER=cat GIT_TERMINAL_PROMPT=0 DEBIAN_FRONTEND=noninteractive
__oi_stty=$(command -v stty)
__oi_tty=$("$__oi_stty" -opost noflsh 0</dev/tty; "$__oi_stty" -g 0</dev/tty)
__oi_id=
__oi_once=

# Report the end of the last code, again if an interrupt got in between, with echo off, and wait for the next.
__oi_step() {
  PS1= PS2=
  { test -t 0 && test -t 1 && test -t 2; } || exec 0<>/dev/tty 1>&0 2>&0
  ! __oi_is_left_impatient || exec 0<>/proc/self/fd/0 1>&0 2>&0
  "$__oi_stty" -echo 0</dev/tty
  if test "$__oi_id"; then
    __oi_word=error
    test "$__oi_status" != 0 || __oi_word=ok
    command printf '\033]6973;%s;z;%s;%s;%s\007' "$__oi_nonce" "$__oi_id" "$__oi_word" "$__oi_status" >/dev/tty
  else
    command printf '\033]6973;%s;h;%s\007' "$__oi_nonce" "$$" >/dev/tty
  fi
  while :; do
    IFS=' ' command read -r __oi_from __oi_next __oi_data __oi_more 0</dev/tty || command exit
    case $__oi_from in *"$__oi_nonce") ;; *) continue ;; esac
    test "$__oi_more" = . || __oi_rest
    case $__oi_data in
      x*) break ;;
      q*) trap - EXIT; command exit 0 ;;
    esac
  done
  __oi_code=$(command printf '%b.' "${__oi_data#x}")
  __oi_code="
${__oi_code%.}"
  case $__oi_flags in *x*) __oi_code="set -x; $__oi_code" ;; esac
  case $__oi_flags in *v*) __oi_code="set -v; $__oi_code" ;; esac
  case $__oi_flags in *e*) __oi_code="set -e; $__oi_code" ;; esac
  case $__oi_flags in *u*) __oi_code="set -u; $__oi_code" ;; esac
  __oi_id=$__oi_next
  case $__oi_code in *exec*) __oi_snapshot ;; esac
  "$__oi_stty" echo 0</dev/tty
  command printf '\033]6973;%s;s;%s\007' "$__oi_nonce" "$__oi_id" >/dev/tty
}

# Say whether a program has set the terminal, which it shares with all others, not to be waited for: then what those print
# is lost as soon as there is much of it. Where there is no /proc, nobody tells.
__oi_is_left_impatient() {
  { command read -r __oi_data && command read -r __oi_data; } 2>/dev/null </proc/self/fdinfo/1
  case $__oi_data in flags:*[4-7]???) return 0 ;; esac
  return 1
}

# Read the other lines of a long message.
__oi_rest() {
  command printf '\033]6973;%s;c\007' "$__oi_nonce" >/dev/tty
  while test "$__oi_more" != . && IFS=' ' command read -r __oi_from __oi_next __oi_part __oi_more 0</dev/tty; do
    __oi_data=$__oi_data$__oi_part
  done
}

# Give the code the exit status of the code before it.
__oi_last() { return "$__oi_status"; }

# Where code says `return`, it returns from here; elsewhere `set --` must reach the shell's own parameters.
__oi_run() { command eval "$__oi_code"; }

# Print what restores the state in another shell of this kind; functions cannot be printed.
__oi_snapshot() {
  (
    set -- "$__oi_nonce" "$(export -p; alias | command sed 's/^alias //; s/^/alias /'; umask; set +o)"
    unset -v __oi_nonce __oi_status __oi_flags __oi_code __oi_data __oi_from __oi_next __oi_more __oi_part __oi_word
    unset -v __oi_once __oi_id __oi_save __oi_loop __oi_stty __oi_tty PPID LINENO _ IFS PS1 PS2 PS4
    command printf '\033]6973;%s;x;1\007' "$1"
    set | command sed '/^OPTIND=/d'
    command printf 'cd -- "$PWD"\n'
    command printf '%s\n' "$2" | command sed 's/^\([0-7]*\)$/umask \1/'
    command printf '\033]6973;%s;x;0\007' "$1"
  ) >/dev/tty 2>/dev/null
}
__oi_exit() {
  test "$__oi_once" || return 0
  __oi_once=
  __oi_snapshot
}
trap __oi_exit EXIT

# `for` stops a `break` of the code; one that breaks more levels ends `while`, which is then begun again.
__oi_save='{ __oi_status=$? __oi_flags=$-; set +xveu; } 2>/dev/null; '
__oi_loop=$__oi_save'while __oi_step; do for __oi_once in 1; do __oi_last; case $__oi_code in *return*) __oi_run "$@" ;; *) __oi_last; command eval "$__oi_code" ;; esac; done; '$__oi_save'done; eval "$__oi_loop"'
eval "$__oi_loop"
