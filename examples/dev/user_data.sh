#!/bin/bash
# First boot: Python, the code, its environment, a service. Holds no secret: those are
# fetched with the machine's own role.
set -euo pipefail
exec > >(tee -a /var/log/ferrocrete-setup.log) 2>&1
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install -y python3 python3-venv python3-pip git awscli jq
id app >/dev/null 2>&1 || useradd --system --create-home --home-dir /srv/app app
sudo -u app git clone --branch "@BRANCH@" --depth 1 "@REPOSITORY@" /srv/app/code
sudo -u app python3 -m venv /srv/app/venv
sudo -u app /srv/app/venv/bin/pip install -r /srv/app/code/requirements.txt

install -m 0755 /dev/stdin /usr/local/bin/app-environment <<'SCRIPT'
#!/bin/bash
# Writes /run/app/environment: settings, and secrets as Secrets Manager has them now.
set -euo pipefail
umask 077
secret() { aws secretsmanager get-secret-value --region "@REGION@" --secret-id "$1" --query SecretString --output text; }
mkdir -p /run/app
{
  echo "AWS_REGION=@REGION@"
  echo "LOGS_BUCKET=@LOGS_BUCKET@"
  echo "ARTIFACTS_BUCKET=@ARTIFACTS_BUCKET@"
  echo "CONTENT_BUCKET=@CONTENT_BUCKET@"
  echo "DB_HOST=@DB_HOST@"
  echo "DB_PORT=@DB_PORT@"
  echo "DB_NAME=@DB_NAME@"
  echo "DB_USER=@DB_USER@"
  echo "DB_PASSWORD=$(secret "@DB_SECRET@")"
  secret "@KEYS_SECRET@" | jq -r 'to_entries[] | "\(.key)=\(.value)"'
} > /run/app/environment
chown -R app:app /run/app
SCRIPT

cat > /etc/systemd/system/app.service <<'UNIT'
[Unit]
Description=FastAPI service
After=network-online.target
Wants=network-online.target

[Service]
User=app
WorkingDirectory=/srv/app/code
ExecStartPre=+/usr/local/bin/app-environment
EnvironmentFile=-/run/app/environment
ExecStart=/bin/bash -c 'set -a; . /run/app/environment; exec /srv/app/venv/bin/uvicorn main:app --host 0.0.0.0 --port 8000'
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now app.service
