# What the user data of every instance begins with, after the lines that write its settings into
# /etc/gtm, and before what the instance is for.
set -euo pipefail
mkdir -p /opt/gtm/bin /opt/gtm/releases /var/log/gtm

cat >/opt/gtm/bin/functions <<'EOF'
# Shared by the scripts beside it.
IMDS=http://169.254.169.254/latest

say() { echo "gtm: $*"; }

imds() { # PATH: instance metadata, by IMDSv2
  local token
  token=$(curl -fs -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$IMDS/api/token")
  curl -fs -m 5 -H "X-aws-ec2-metadata-token: $token" "$IMDS/meta-data/$1"
}

retry() { # COMMAND: up to five times, with pauses that double
  local pause
  for pause in 2 4 8 16; do
    "$@" && return 0
    say "again in $pause s: $1"
    sleep "$pause"
  done
  "$@"
}
EOF
. /opt/gtm/bin/functions

harden() { # SERVICE: no rights, and nothing to write to but its StateDirectory
  mkdir -p "/etc/systemd/system/$1.service.d"
  cat >"/etc/systemd/system/$1.service.d/hardening.conf" <<'EOF'
[Service]
UMask=0077
CapabilityBoundingSet=
LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
EOF
}

