# The rest of a load generator's user data. Lines before these, made by user_data.py, have written
# /etc/gtm/generator.env; layers/booting.sh comes between. Runs once, as root, on Amazon Linux 2023.

cat >/opt/gtm/bin/off <<'EOF'
#!/bin/bash
# Switches the Region's load generators off: both groups to no instance. Stops the load first, so
# that a master brings what it measured. Where AWS does not answer, this instance at least goes; its
# group replaces it, and the stack's own alarm and schedule end that.
set -uo pipefail
set -a
. /etc/gtm/generator.env
set +a
timeout 90 systemctl stop gtm-generator
for group in "$GENERATOR_WORKERS" "$GENERATOR_MASTERS"; do
  for pause in 2 4 8 16 0; do
    aws autoscaling set-desired-capacity --auto-scaling-group-name "$group" \
      --desired-capacity 0 --no-honor-cooldown && continue 2
    sleep "$pause"
  done
  echo "gtm: $group was not switched off: this instance shuts down" >&2
  systemctl poweroff
done
EOF
chmod 755 /opt/gtm/bin/off

set -a
. /etc/gtm/generator.env
set +a

# --- the dead man's switch, before anything that may hang ----------------------------------------

cat >/etc/systemd/system/gtm-off.service <<'EOF'
[Unit]
Description=Switch the load generators off

[Service]
Type=oneshot
ExecStart=/opt/gtm/bin/off
TimeoutStartSec=300
EOF

cat >/etc/systemd/system/gtm-off.timer <<EOF
[Unit]
Description=No load generator lives longer than this

[Timer]
OnBootSec=$LONGEST_SECONDS
AccuracySec=1s

[Install]
WantedBy=timers.target
EOF

systemctl daemon-reload
systemctl enable --now gtm-off.timer

ended() { if (($1 != 0)); then say "giving up: status $1"; /opt/gtm/bin/off; fi; }
trap 'ended $?' EXIT

# --- the load test -------------------------------------------------------------------------------

unpack_archive() { # The archive must be the one whose digest was deployed
  local archive=/opt/gtm/archive.tar.gz release=/opt/gtm/releases/$ARCHIVE_SHA256
  [[ -n $ARCHIVE_KEY ]] || { say "no archive was deployed"; return 1; }
  retry aws s3 cp --only-show-errors "$ARCHIVE_URI" "$archive"
  echo "$ARCHIVE_SHA256  $archive" | sha256sum --check --strict
  mkdir -p "$release"
  tar -xzf "$archive" -C "$release" --no-same-owner --no-same-permissions
  rm "$archive"
  ln -sfn "$release" /opt/gtm/current
}

install_packages() { # Known wheels only: nothing that was fetched runs before it is imported
  retry dnf -q -y install python3.11 python3.11-pip
  python3.11 -m venv /opt/gtm/venv
  retry /opt/gtm/venv/bin/python -m pip --quiet --disable-pip-version-check install \
    --require-hashes --no-deps --only-binary :all: -r /opt/gtm/current/packages/requirements.txt
}

id gtm >/dev/null 2>&1 || useradd --system --home-dir /opt/gtm --no-create-home --shell /sbin/nologin gtm
unpack_archive
install_packages
cat >>/etc/gtm/generator.env <<EOF
GENERATOR_INSTANCE=$(imds instance-id)
GENERATOR_ADDRESS=$(imds local-ipv4)
EOF

harden gtm-generator
cat >/etc/systemd/system/gtm-generator.service <<'EOF'
[Unit]
Description=Locust, as an order says
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User=gtm
EnvironmentFile=/etc/gtm/generator.env
Environment=PYTHONUNBUFFERED=1
WorkingDirectory=/opt/gtm/current
ExecStart=/opt/gtm/venv/bin/python -m loadtest.remote.instance
StandardOutput=append:/var/log/gtm/generator.log
StandardError=inherit
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=80
LimitNOFILE=1048576
StateDirectory=gtm-generator

[Install]
WantedBy=multi-user.target
EOF

cat >/etc/sysctl.d/90-gtm.conf <<'EOF'
net.ipv4.ip_local_port_range = 1024 65535
net.ipv4.tcp_tw_reuse = 1
EOF

# --- what it tells AWS ---------------------------------------------------------------------------

start_agent() { # A load is made without it, too: the results lie in the bucket
  retry dnf -q -y install amazon-cloudwatch-agent
  cat >/etc/gtm/agent.json <<EOF
{
  "logs": {"logs_collected": {"files": {"collect_list": [
    {
      "file_path": "/var/log/gtm/generator.log",
      "log_group_name": "$LOG_GROUP",
      "log_stream_name": "{instance_id}"
    },
    {
      "file_path": "/var/log/cloud-init-output.log",
      "log_group_name": "$LOG_GROUP",
      "log_stream_name": "{instance_id}/boot"
    }
  ]}}}
}
EOF
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
    -a fetch-config -m ec2 -s -c file:/etc/gtm/agent.json
}

sysctl --quiet --system || say "the kernel keeps its own ports: fewer connections at once"
start_agent || say "the CloudWatch agent is missing: no log of this instance"
systemctl daemon-reload
systemctl enable --now gtm-generator
