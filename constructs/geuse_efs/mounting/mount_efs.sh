mount_efs() ( # mounts at the first boot, and has /etc/fstab mount at every later one; a subshell keeps its variables
  fs=$1 dir=$2 options=$3 host=$4 seconds=$5 services=$6; shift 6 # what is left: zone=address of each mount target, where the VPC has no DNS
  end=$((SECONDS + seconds)) log=/run/mount-efs.log said=
  say() { echo "mount-efs $fs on $dir: $*"; }; fail() { say "FAILED: $*" >&2; exit 1; }
  # shellcheck disable=SC2329 # called by its name
  installed() { [ -x /sbin/mount.efs ]; }; mounted() { mountpoint -q "$dir"; }
  try_until() { # CONDITION SECONDS COMMAND…: repeats the command, with a limit for each try; false when the time is up
    local condition=$1 limit=$2 pause=2 left status; shift 2
    until "$condition"; do
      left=$((end - SECONDS)) status=0 # the output goes to a file, because a tunnel that stays would keep a pipe open
      timeout -k 5 $((left < 5 ? 5 : left < limit ? left : limit)) "$@" > "$log" 2>&1 < /dev/null || status=$?
      ! "$condition" || return 0
      said=$(tail -c 400 "$log" | tr '\n' ' ') left=$((end - SECONDS))
      ((left > 0 && status != 69)) || return 1 # 69: another try cannot help
      pause=$((pause < left ? pause : left))
      say "not $condition yet: ${said:-no answer}; next try in $pause s"
      sleep "$pause"
      pause=$((pause < 16 ? pause * 2 : 30))
    done
  }
  if (($# > 0)); then
    zone=$(cloud-init query v1.availability_zone) host=
    for target in "$@"; do [ "${target%%=*}" != "$zone" ] || host=${target#*=}; done
    [ "$host" ] || fail "no mount target in this instance's availability zone (${zone:-unknown}), only in $*"
    options+=,mounttargetip=$host
  fi
  try_until installed "$seconds" bash -ec "$(declare -f install_efs_utils); install_efs_utils" ||
    fail "amazon-efs-utils could not be installed (no route to its repository, or no such package): ${said:-no answer}"
  line="$fs:/ $dir efs $options 0 0"
  if ! grep -qxF "$line" /etc/fstab; then
    ! other=$(findmnt -snM "$dir") || fail "/etc/fstab has another line for this directory: $other"
    mkdir -p "$dir" || fail "the directory cannot be made"
    [ -z "$(tail -c 1 /etc/fstab)" ] || line=$'\n'$line # the last line has no end
    echo "$line" >> /etc/fstab || fail "/etc/fstab cannot be written"
    for service in $services; do # drop-ins, because systemd before 245 (Amazon Linux 2) ignores x-systemd.required-by
      install -D -m 644 /dev/stdin "/etc/systemd/system/$service.d/$(systemd-escape -p "$dir").conf" \
        <<< $'[Unit]\nRequiresMountsFor='"$dir" || fail "$service cannot be made to wait for the mount"; done
    systemctl daemon-reload
  fi
  mounted || chattr +i "$dir" || say "chattr +i is not possible here: without the mount, writes reach the root disk"
  mounted && services= # mounted before, so these services have seen the file system
  if ! try_until mounted 60 mount "$dir"; then # mount.efs may answer 0 without a mount, so only the mount counts
    timeout 10 getent ahosts "$host" > "$log" ||
      fail "$host does not resolve: no mount target in this availability zone, or the VPC has no DNS hostnames"
    timeout 5 bash -c ": < /dev/tcp/$host/2049" 2> "$log" ||
      fail "$host does not answer on tcp 2049: a security group, network ACL or route is missing"
    fail "not mounted within $seconds s: ${said:-no answer}"
  fi
  [ "$(stat -f -c %T "$dir")" = nfs ] || fail "something else is mounted: $(findmnt -nM "$dir")"
  for service in $services; do # of those that are installed: try-restart of another one fails
    systemctl show -p LoadState "$service" | grep -q =not-found || systemctl try-restart "$service" || fail "$service does not start"; done
  say "mounted"
)
