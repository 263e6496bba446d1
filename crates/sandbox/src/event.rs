//! What AWS does by itself, when a test says so.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// Something that AWS does without being asked. [`Account::happens`](crate::Account::happens)
/// lets it happen at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    event: &'static str,
    /// What it happens to.
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

impl Event {
    fn new(event: &'static str, resource: impl Into<String>) -> Self {
        Self { event, resource: resource.into(), to: None, seconds: None }
    }

    fn to(mut self, value: impl Into<Value>) -> Self {
        self.to = Some(value.into());
        self
    }

    /// RDS upgrades a database (by its identifier) to this minor version.
    pub fn rds_upgrade(database: impl Into<String>, version: impl Into<String>) -> Self {
        Self::new("rds_upgrade", database).to(version.into())
    }

    /// RDS grows a database's storage to so many GiB.
    pub fn rds_grow(database: impl Into<String>, gib: u32) -> Self {
        Self::new("rds_grow", database).to(gib)
    }

    /// A database with two zones fails over to the other one.
    pub fn rds_failover(database: impl Into<String>) -> Self {
        Self::new("rds_failover", database)
    }

    /// The backup of a database begins, and takes so long.
    pub fn rds_backup(database: impl Into<String>, takes: Duration) -> Self {
        Self { seconds: Some(takes.as_secs_f64()), ..Self::new("rds_backup", database) }
    }

    /// Application Auto Scaling changes the number of a service's tasks.
    pub fn ecs_scale(cluster: &str, service: &str, tasks: u32) -> Self {
        Self::new("ecs_scale", format!("{cluster}/{service}")).to(tasks)
    }

    /// The tasks of a service's next deployment do not start, whatever their definition says.
    pub fn ecs_break(cluster: &str, service: &str) -> Self {
        Self::new("ecs_break", format!("{cluster}/{service}"))
    }

    /// The recovery window of a deleted secret (by its name) is over: it is gone.
    pub fn secret_expires(name: impl Into<String>) -> Self {
        Self::new("secretsmanager_expire", name)
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn events_as_the_server_reads_them() {
        let json = |event: Event| serde_json::to_value(event).unwrap();
        let expected = serde_json::json!({"event": "rds_grow", "resource": "db", "to": 30});
        assert_eq!(json(Event::rds_grow("db", 30)), expected);
        let backup = Event::rds_backup("db", std::time::Duration::from_millis(500));
        let expected = serde_json::json!({"event": "rds_backup", "resource": "db", "seconds": 0.5});
        assert_eq!(json(backup), expected);
    }
}
