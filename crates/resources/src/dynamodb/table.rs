//! `AWS::DynamoDB::Table`: items by key.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateTable; once it is active, UpdateTimeToLive, UpdateContinuousBackups as declared |
//! | read | DescribeTable per table, concurrently; DescribeTimeToLive, DescribeContinuousBackups, ListTagsOfResource when they are declared |
//! | find | DescribeTable, ListTagsOfResource |
//! | update | UpdateTable per kind of change and per index, UpdateTimeToLive, UpdateContinuousBackups, TagResource, UntagResource |
//! | delete | DeleteTable; DescribeTable when refused |
//!
//! Traps: UpdateTable takes one change at a time and is refused until that is done, so an update
//! has parts; an index holds the table up for so long (TF: `internal/service/dynamodb/wait.go`
//! allows 20 minutes). Only so many tables of an account change at a time (TF: `internal/service/
//! dynamodb/table.go`). DynamoDB knows a table by its name. An index that differs in key or projection is deleted and made anew, a stream of
//! another kind, too. Expiry can be changed once an hour only. Attributes that are part of no key
//! are not defined. The type of a key's attribute cannot be changed.
//! Left out: replicas in other regions (a type of their own); what has calls of its own
//! (`import_source_specification`, `contributor_insights_specification`,
//! `global_secondary_indexes.contributor_insights_specification`, `kinesis_stream_specification`,
//! `resource_policy`, `stream_specification.resource_policy`, `stream_specification.tags`);
//! `warm_throughput`, `global_secondary_indexes.warm_throughput` and `vector_indexes`, which few
//! need.
//! Differences:
//! - replaces `key_schema`, `local_secondary_indexes`: no call changes them.
//! - required `attribute_definitions`: there, an import may bring them.
//! - does not need `kms:ListAliases`, `kms:RevokeGrant`: the key is named as declared; DynamoDB
//!   takes its grants back itself.
//! - does not need `kinesis:DescribeStream`, `kinesis:PutRecords`: for
//!   `kinesis_stream_specification`.
//! - does not need `iam:CreateServiceLinkedRole`: for contributor insights.
//! - does not need `logs:CreateLogGroup`, `logs:CreateLogStream`, `logs:DescribeLogGroups`,
//!   `logs:DescribeLogStreams`, `logs:PutLogEvents`, `logs:PutRetentionPolicy`, `s3:GetObject`,
//!   `s3:GetObjectMetadata`, `s3:ListBucket`: for imports.

mod convert;
mod properties;
mod settings;
mod update;

use aws_sdk_dynamodb::types::{TableStatus, Tag};

use crate::aws::answer::advise;
use crate::prelude::*;

pub use properties::*;

crate::required_tags!(Tag);

/// Items by key.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::DynamoDB::Table",
    identity("table_name"),
    eventual("ResourceNotFoundException", "TableNotFoundException"),
    busy(
        "ResourceInUseException",
        "LimitExceededException" = "can be created, updated, or deleted simultaneously",
        "LimitExceededException" = "indexed tables that can be created simultaneously"
    ),
    busy_for = 1200,
    iam(
        create(
            "dynamodb:CreateTable",
            "dynamodb:TagResource",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:UpdateTimeToLive",
            "dynamodb:UpdateContinuousBackups",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt"
        ),
        read(
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:ListTagsOfResource"
        ),
        find("dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"),
        update(
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt"
        ),
        delete("dynamodb:DeleteTable", "dynamodb:DescribeTable")
    )
)]
pub struct Table {
    /// Name, 3 to 255 letters, digits, `-`, `_` and `.`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, extra = "-_."))]
    pub table_name: Option<String>,
    /// The attributes of all keys, each once.
    #[field(by("attribute_name"))]
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The key: one `HASH` attribute, and a `RANGE` one if items share it. Replaces.
    #[field(replaces, by("attribute_name"))]
    pub key_schema: Vec<KeySchemaElement>,
    /// `PROVISIONED` (`provisioned_throughput`) or `PAY_PER_REQUEST`. Default: `PROVISIONED`.
    #[field(server_default)]
    pub billing_mode: Option<String>,
    /// Capacity; needed when it is `PROVISIONED`.
    #[field(server_default)]
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Limit when it is `PAY_PER_REQUEST`. Default: none.
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// Other keys, up to 20.
    #[field(by("index_name"))]
    pub global_secondary_indexes: Option<Vec<GlobalSecondaryIndex>>,
    /// Other orders, up to 5. Replaces.
    #[field(replaces, by("index_name"))]
    pub local_secondary_indexes: Option<Vec<LocalSecondaryIndex>>,
    /// A stream of changes. Default: none.
    #[field(affects("stream_arn"))]
    pub stream_specification: Option<StreamSpecification>,
    /// When items expire. Default: they do not.
    pub time_to_live_specification: Option<TimeToLiveSpecification>,
    /// Continuous backups. Default: none.
    pub point_in_time_recovery_specification: Option<PointInTimeRecoverySpecification>,
    /// Encryption with a KMS key of your account. Default: with one of DynamoDB's own.
    pub sse_specification: Option<SseSpecification>,
    /// Refuse every delete, this program's included, until it is set to false. Default: false.
    #[field(default = false)]
    pub deletion_protection_enabled: Option<bool>,
    /// `STANDARD`, or `STANDARD_INFREQUENT_ACCESS` where storage costs more than requests.
    /// Default: `STANDARD`.
    #[field(server_default)]
    pub table_class: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Table`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TableOutputs {
    /// Name.
    #[output(from_input)]
    pub table_name: String,
    /// ARN.
    pub arn: String,
    /// ARN of the stream of changes, if there is one.
    pub stream_arn: Option<String>,
}

impl Resource for Table {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        self.check()?;
        let name = self.name();
        let call = update::create(self, cx).set_tags(Some(to_sdk(&self.tags)));
        match call.send().await.op("dynamodb:CreateTable") {
            Err(error) if error.has_code("ResourceInUseException") => {
                return self.taken(cx, error).await;
            }
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        let rest = self.time_to_live_specification.is_some()
            || self.point_in_time_recovery_specification.is_some();
        Ok(if rest { Made::Partial(name) } else { Made::Pending(name) })
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let known = item.inputs.as_ref();
            let Some(table) = settings::describe(cloud, &item.id).await? else { return Ok(None) };
            // What does not know the table everywhere yet says that it is not there.
            let settings = found(settings::read(cloud, &item.id, &table, known).await)?;
            Ok(settings.map(|settings| convert::live(table, settings, known)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.name();
        let table = settings::describe(cx, &name).await?;
        let table = table.filter(|t| t.table_status() != Some(&TableStatus::Deleting));
        let Some(arn) = table.and_then(|t| t.table_arn) else { return Ok(None) };
        let tags = found(settings::list_tags(cx, &arn).await)?.flatten();
        Ok(tags::is_ours(cx, &tags).then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        self.check()?;
        // These need no UpdateTable. First, because later parts look only at what is declared.
        let done = settings::update(self, cx, id, old, changes).await?;
        match update::next(self, cx, id, old, changes)? {
            None if done => Ok(Progress::Done),
            None => Ok(Progress::Partial),
            Some(call) => {
                call.send().await.op("dynamodb:UpdateTable")?;
                Ok(Progress::Partial)
            }
        }
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.dynamodb().delete_table().table_name(id);
        match found(call.send().await.op("dynamodb:DeleteTable")) {
            Ok(Some(_)) => Ok(Progress::Pending),
            Ok(None) => Ok(Progress::Done),
            // Refused, too, while an earlier delete is under way.
            Err(e) if e.has_code("ResourceInUseException") => {
                match settings::describe(cx, id).await?.map(|t| t.table_status) {
                    None => Ok(Progress::Done),
                    Some(Some(TableStatus::Deleting)) => Ok(Progress::Pending),
                    Some(_) => Err(e),
                }
            }
            Err(e) if e.kind == ErrorKind::Invalid && self.is_protected() => {
                let advice =
                    "to delete it, set `deletion_protection_enabled` to false and run `up` first";
                Err(advise(e, advice))
            }
            Err(e) => Err(e),
        }
    }
}

impl Table {
    fn name(&self) -> String {
        self.table_name.clone().unwrap_or_default()
    }

    fn is_protected(&self) -> bool {
        self.deletion_protection_enabled == Some(true)
    }

    /// Why a create was refused: by an earlier attempt of its own, by a table of that name that
    /// is going away, which the engine waits for, or by another.
    async fn taken(&self, cx: &Cx, error: OpError) -> Result<Made<Self>> {
        if let Some(id) = self.find(cx).await? {
            return Ok(Made::Partial(id));
        }
        let name = self.name();
        match settings::describe(cx, &name).await?.map(|t| t.table_status) {
            Some(Some(TableStatus::Deleting)) | None => Err(error),
            Some(_) => Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "a table `{name}` is there already, and is not ours\n  what to do: choose another name, or delete that table"
                ),
            )),
        }
    }

    /// AWS wants just the attributes of keys, and says little about which are wrong.
    fn check(&self) -> Result<()> {
        self.check_capacity()?;
        let used = self.key_attributes();
        let defined =
            |name: &str| self.attribute_definitions.iter().any(|d| d.attribute_name == name);
        if let Some(name) = used.iter().find(|name| !defined(name)) {
            return Err(OpError::invalid(format!(
                "`{name}` is part of a key, but not in `attribute_definitions`: add it with its type"
            )));
        }
        match self.attribute_definitions.iter().find(|d| !used.contains(&d.attribute_name.as_str()))
        {
            None => Ok(()),
            Some(d) => Err(OpError::invalid(format!(
                "`{}` is in `attribute_definitions`, but part of no key: take it out, as other attributes need no definition",
                d.attribute_name
            ))),
        }
    }

    fn check_capacity(&self) -> Result<()> {
        let indexes = || self.global_secondary_indexes.iter().flatten();
        let by_request = self.billing_mode.as_deref() == Some(update::ON_DEMAND);
        let hourly = self.provisioned_throughput.is_some()
            || indexes().any(|i| i.provisioned_throughput.is_some());
        let limited = self.on_demand_throughput.is_some()
            || indexes().any(|i| i.on_demand_throughput.is_some());
        if by_request && hourly {
            return Err(OpError::invalid(
                "`provisioned_throughput` is for `billing_mode` `PROVISIONED`: leave it out, of indexes, too",
            ));
        }
        if !by_request && limited {
            return Err(OpError::invalid(
                "`on_demand_throughput` is for `billing_mode` `PAY_PER_REQUEST`: set that, or leave it out",
            ));
        }
        Ok(())
    }

    /// The attributes of the table's and its indexes' keys.
    fn key_attributes(&self) -> Vec<&str> {
        let global = self.global_secondary_indexes.iter().flatten().map(|i| &i.key_schema);
        let local = self.local_secondary_indexes.iter().flatten().map(|i| &i.key_schema);
        let keys = global.chain(local).chain([&self.key_schema]);
        keys.flatten().map(|element| element.attribute_name.as_str()).collect()
    }
}
