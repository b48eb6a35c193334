# The rest of an instance's user data. Lines before these, made by user_data.py, have written
# /etc/gtm/instance.env and /etc/gtm/service.env; layers/booting.sh comes between. Runs once, as
# root, on Amazon Linux 2023.

cat >/opt/gtm/bin/common <<'EOF'
# What the scripts beside it begin with.
set -euo pipefail
set -a
. /etc/gtm/instance.env
. /etc/gtm/service.env
set +a
. /opt/gtm/bin/functions

own_group() { # NAME of the Auto Scaling group
  aws autoscaling describe-auto-scaling-instances --instance-ids "$1" \
    --query 'AutoScalingInstances[0].AutoScalingGroupName' --output text
}

finish_hook() { # HOOK RESULT: let the Auto Scaling group go on
  local id group
  id=$(imds instance-id)
  group=$(retry own_group "$id")
  aws autoscaling complete-lifecycle-action --instance-id "$id" \
    --auto-scaling-group-name "$group" --lifecycle-hook-name "$1" --lifecycle-action-result "$2"
}

signal() { # EXIT_CODE; CloudFormation takes it during a stack operation only
  /opt/aws/bin/cfn-signal --exit-code "$1" --stack "$STACK" --resource "$RESOURCE" \
    --region "$AWS_REGION" || say "no stack operation waits for a signal"
}

give_up() { # A failure is told at once, not found out by a timeout
  say "giving up: $1"
  signal 1
  if [[ -n $LAUNCH_HOOK ]]; then
    finish_hook "$LAUNCH_HOOK" ABANDON || say "the group does not wait"
  fi
}
EOF
. /opt/gtm/bin/common

ended() { if (($1 != 0)); then give_up "user data ended with status $1"; fi; }
trap 'ended $?' EXIT

# --- the service ---------------------------------------------------------------------------------

unpack_archive() { # The archive must be the one whose digest was deployed
  local archive=/opt/gtm/archive.tar.gz release=/opt/gtm/releases/$ARTIFACT_SHA256
  retry aws s3 cp --only-show-errors "$ARTIFACT_URI" "$archive"
  echo "$ARTIFACT_SHA256  $archive" | sha256sum --check --strict
  mkdir -p "$release"
  tar -xzf "$archive" -C "$release" --no-same-owner --no-same-permissions
  rm "$archive"
  [[ -x $release/run ]] || { say "the archive has no executable run at its top"; return 1; }
  if [[ -x $release/prepare ]]; then retry "$release/prepare"; fi
  ln -sfn "$release" /opt/gtm/current
}

write_built_in_page() {
  mkdir -p /opt/gtm/releases/built-in
  cat >/opt/gtm/releases/built-in/run <<'EOF'
#!/usr/bin/python3
"""Stands in until there is a service: answers the health path, and says where it runs."""
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = f"Global Traffic Management: {os.environ['AWS_REGION']}\n".encode()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = int(os.environ["KEEP_ALIVE_SECONDS"])

    def do_GET(self):
        healthy = self.path.split("?")[0] == os.environ["HEALTH_PATH"]
        body = b"ok\n" if healthy else PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_request(self, code="-", size="-"):
        pass


ThreadingHTTPServer.request_queue_size = 1024
server = ThreadingHTTPServer(("", int(os.environ["PORT"])), Answer)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
EOF
  chmod 755 /opt/gtm/releases/built-in/run
  ln -sfn /opt/gtm/releases/built-in /opt/gtm/current
}

id gtm >/dev/null 2>&1 || useradd --system --home-dir /opt/gtm --no-create-home --shell /sbin/nologin gtm
if [[ -n $ARTIFACT_KEY ]]; then
  unpack_archive
elif [[ ! -x /opt/gtm/current/run ]]; then # nor does the image bring one
  write_built_in_page
fi

harden gtm-service
cat >/etc/systemd/system/gtm-service.service <<EOF
[Unit]
Description=The platform's service
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User=gtm
EnvironmentFile=/etc/gtm/service.env
WorkingDirectory=/opt/gtm/current
ExecStart=/opt/gtm/current/run
StandardOutput=append:/var/log/gtm/service.log
StandardError=inherit
Restart=always
RestartSec=2
TimeoutStopSec=$STOP_SECONDS
LimitNOFILE=65536
StateDirectory=gtm

[Install]
WantedBy=multi-user.target
EOF

cat >/etc/logrotate.d/gtm <<'EOF'
/var/log/gtm/*.log {
  daily
  maxsize 100M
  rotate 2
  missingok
  copytruncate
}
EOF

# --- what it tells AWS ---------------------------------------------------------------------------

cat >/opt/gtm/bin/ready <<'EOF'
#!/bin/bash
# At each boot, a warm pool's too: once the service answers, let the group and the stack go on.
. /opt/gtm/bin/common
until curl -fs -m 2 -o /dev/null "http://127.0.0.1:$PORT$HEALTH_PATH"; do
  if ((SECONDS > READY_SECONDS)); then
    give_up "no healthy answer within $READY_SECONDS s"
    exit 1
  fi
  sleep 1
done
say "the service answers after $SECONDS s"
if [[ -n $LAUNCH_HOOK ]]; then # a service out of the pool may answer before the group waits
  retry finish_hook "$LAUNCH_HOOK" CONTINUE || say "the group does not wait: a reboot"
fi
signal 0
EOF

cat >/opt/gtm/bin/drain <<'EOF'
#!/bin/bash
# Waits until the group (or Spot) takes the instance out, lets requests end, stops the service.
. /opt/gtm/bin/common
served=no told=yes
while sleep 5; do
  case $(imds autoscaling/target-lifecycle-state || echo unknown) in
    InService) served=yes ;;
    Terminated) break ;;
    Warmed:*) if [[ $served == yes ]]; then break; fi ;; # back into the pool, not on the way out of it
  esac
  if imds spot/instance-action >/dev/null; then told=no; break; fi # two minutes' notice
done
if [[ $told == yes ]]; then
  say "leaving: the load balancer sends nothing new"
  sleep 10
  SECONDS=0
  while ((SECONDS < DEREGISTRATION_SECONDS)) && [[ -n $(ss -Htn state established "sport = :$PORT") ]]; do
    sleep 2
  done
else
  say "leaving: Spot takes the instance back, and nobody told the load balancer"
fi
systemctl stop gtm-service # serves on for NOTICE_SECONDS, and so tells the load balancer
sleep 5 # the agent ships the last lines
retry finish_hook "$DRAIN_HOOK" CONTINUE || say "the group does not wait: its time ran out"
EOF
chmod 755 /opt/gtm/bin/ready /opt/gtm/bin/drain

cat >/etc/systemd/system/gtm-ready.service <<'EOF'
[Unit]
Description=Tell AWS that the service answers
Wants=gtm-service.service
After=gtm-service.service

[Service]
Type=oneshot
ExecStart=/opt/gtm/bin/ready

[Install]
WantedBy=multi-user.target
EOF

cat >/etc/systemd/system/gtm-drain.service <<'EOF'
[Unit]
Description=Stop the service when the group takes the instance out
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/opt/gtm/bin/drain
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
EOF

# --- what it logs and measures -------------------------------------------------------------------

start_agent() { # The service outlives a package repository: without the agent it still serves
  retry dnf -q -y install amazon-cloudwatch-agent
  cat >/etc/gtm/agent.json <<EOF
{
  "agent": {"metrics_collection_interval": 60, "omit_hostname": true},
  "metrics": {
    "namespace": "$METRIC_NAMESPACE",
    "metrics_collected": {
      "mem": {
        "measurement": ["mem_used_percent"],
        "append_dimensions": {"Platform": "$PLATFORM"}
      },
      "disk": {
        "measurement": ["used_percent"],
        "resources": ["/"],
        "drop_device": true,
        "append_dimensions": {"Platform": "$PLATFORM"}
      }
    }
  },
  "logs": {"logs_collected": {"files": {"collect_list": [
    {
      "file_path": "/var/log/gtm/service.log",
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

systemctl daemon-reload
systemctl enable --now gtm-service gtm-drain
start_agent || say "the CloudWatch agent is missing: no log, memory and disk of this instance"
systemctl enable gtm-ready
systemctl start gtm-ready # fails, and so tells, when the service does not answer
