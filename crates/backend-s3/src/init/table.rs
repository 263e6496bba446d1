//! The table.

use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, ScalarAttributeType, TableDescription, TableStatus,
};
use ferrocrete_core::state::StateError;

use super::{InitOutcome, Setup};
use crate::failure::Failure;
use crate::item::{PK, SK};
use crate::pause::Pauses;

/// The keys, with their kinds.
const KEYS: [(&str, KeyType); 2] = [(PK, KeyType::Hash), (SK, KeyType::Range)];

/// For waits on the table: at most about 8 minutes.
fn pauses() -> Pauses {
    Pauses::new(140, Duration::from_millis(100), Duration::from_secs(5))
}

impl Setup<'_> {
    pub(super) async fn table(&mut self) -> Result<(), StateError> {
        let outcome = match self.describe().await? {
            Some(table) => {
                self.check_keys(&table)?;
                InitOutcome::Found
            }
            None => self.create_table().await?,
        };
        let table = self.wait_active().await?;
        self.check_keys(&table)?;
        self.note_table("exists", outcome);
        let outcome = self.deletion_protection(&table).await?;
        self.note_table("deletion protection", outcome);
        let outcome = self.recovery().await?;
        self.note_table("point-in-time recovery", outcome);
        Ok(())
    }

    async fn describe(&self) -> Result<Option<TableDescription>, StateError> {
        let request = self.clients.dynamo.describe_table().table_name(&self.location.table);
        match request.send().await {
            Ok(answer) => Ok(answer.table),
            Err(e) => {
                let failure = Failure::of(&e);
                if failure.has_code("ResourceNotFoundException") {
                    return Ok(None);
                }
                Err(self.table_error(&failure, "dynamodb:DescribeTable"))
            }
        }
    }

    async fn create_table(&self) -> Result<InitOutcome, StateError> {
        let built =
            |e: BuildError| StateError::Io { place: self.location.to_string(), why: e.to_string() };
        let mut request = self
            .clients
            .dynamo
            .create_table()
            .table_name(&self.location.table)
            .billing_mode(BillingMode::PayPerRequest)
            .deletion_protection_enabled(true);
        for (name, kind) in KEYS {
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S);
            request = request
                .key_schema(key.build().map_err(built)?)
                .attribute_definitions(attribute.build().map_err(built)?);
        }
        match request.send().await {
            Ok(_) => Ok(InitOutcome::Created),
            Err(e) => {
                let failure = Failure::of(&e);
                // Somebody else makes it at this moment, or an earlier try did.
                if failure.has_code("ResourceInUseException") {
                    return Ok(InitOutcome::Found);
                }
                Err(self.table_error(&failure, "dynamodb:CreateTable"))
            }
        }
    }

    async fn wait_active(&self) -> Result<TableDescription, StateError> {
        let mut pauses = pauses();
        loop {
            let table = self.describe().await?;
            let status = table.as_ref().and_then(|table| table.table_status().cloned());
            match (table, &status) {
                (Some(table), Some(TableStatus::Active)) => return Ok(table),
                (_, Some(TableStatus::Deleting)) => {
                    return Err(self.unusable(
                        "the table is being deleted",
                        "wait until it is gone, then run `backend init` again",
                    ));
                }
                _ if pauses.pause().await => {}
                _ => {
                    let status = status.map_or("missing".to_owned(), |s| s.as_str().to_owned());
                    return Err(self.unusable(
                        &format!("the table is still not active ({status})"),
                        "look at the table in the AWS console, then run `backend init` again",
                    ));
                }
            }
        }
    }

    fn check_keys(&self, table: &TableDescription) -> Result<(), StateError> {
        let keys: Vec<_> = table
            .key_schema()
            .iter()
            .map(|key| (key.attribute_name(), key.key_type().clone()))
            .collect();
        let is_text = |name: &str| {
            table.attribute_definitions().iter().any(|attribute| {
                attribute.attribute_name() == name
                    && attribute.attribute_type() == &ScalarAttributeType::S
            })
        };
        if keys == KEYS && KEYS.iter().all(|(name, _)| is_text(name)) {
            return Ok(());
        }
        Err(self.unusable(
            "the table exists, but has other keys than Ferrocrete's `pk` and `sk`",
            "choose another table name in --backend (`table=…`)",
        ))
    }

    async fn deletion_protection(
        &self,
        table: &TableDescription,
    ) -> Result<InitOutcome, StateError> {
        if table.deletion_protection_enabled() == Some(true) {
            return Ok(InitOutcome::Found);
        }
        self.clients
            .dynamo
            .update_table()
            .table_name(&self.location.table)
            .deletion_protection_enabled(true)
            .send()
            .await
            .map_err(|e| self.table_error(&Failure::of(&e), "dynamodb:UpdateTable"))?;
        self.wait_active().await?;
        Ok(InitOutcome::Changed)
    }

    async fn recovery(&self) -> Result<InitOutcome, StateError> {
        let (dynamo, table) = (&self.clients.dynamo, &self.location.table);
        let current = dynamo.describe_continuous_backups().table_name(table).send().await;
        let current = current.map_err(|e| {
            self.table_error(&Failure::of(&e), "dynamodb:DescribeContinuousBackups")
        })?;
        let status = current
            .continuous_backups_description()
            .and_then(|backups| backups.point_in_time_recovery_description())
            .and_then(|recovery| recovery.point_in_time_recovery_status());
        if status == Some(&PointInTimeRecoveryStatus::Enabled) {
            return Ok(InitOutcome::Found);
        }
        let wanted = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(true)
            .build()
            .map_err(|e| StateError::Io { place: self.location.to_string(), why: e.to_string() })?;
        let request = dynamo
            .update_continuous_backups()
            .table_name(table)
            .point_in_time_recovery_specification(wanted);
        let mut pauses = pauses();
        loop {
            let Err(error) = request.clone().send().await else { return Ok(InitOutcome::Changed) };
            let failure = Failure::of(&error);
            // Backups are not available until some seconds after the table is.
            let passing = failure.has_code("ContinuousBackupsUnavailableException");
            if !passing || !pauses.pause().await {
                return Err(self.table_error(&failure, "dynamodb:UpdateContinuousBackups"));
            }
        }
    }

    fn unusable(&self, why: &str, fix: &str) -> StateError {
        StateError::Unusable {
            place: format!("DynamoDB table `{}` ({})", self.location.table, self.clients.region),
            why: why.to_owned(),
            fix: fix.to_owned(),
        }
    }
}
