//! The parts of a table's properties.

use crate::prelude::*;

/// Name and type of an attribute that is part of a key.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct AttributeDefinition {
    /// Name.
    pub attribute_name: String,
    /// `S` (text), `N` (number) or `B` (bytes).
    pub attribute_type: String,
}

/// One attribute of a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Properties)]
pub struct KeySchemaElement {
    /// Name of an attribute that is defined.
    pub attribute_name: String,
    /// `HASH` (which partition) or `RANGE` (order within it).
    pub key_type: String,
}

/// Capacity that is paid for by the hour. What Application Auto Scaling makes of it is no
/// difference, as long as the scalable target takes its `resource_id` from the table's outputs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Properties)]
pub struct ProvisionedThroughput {
    /// Reads a second of up to 4 KB.
    #[field(moves(steered))]
    pub read_capacity_units: i64,
    /// Writes a second of up to 1 KB.
    #[field(moves(steered))]
    pub write_capacity_units: i64,
}

/// A limit to what is paid for by the request.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Properties)]
pub struct OnDemandThroughput {
    /// Most reads a second. Default: no limit of yours.
    pub max_read_request_units: Option<i64>,
    /// Most writes a second. Default: no limit of yours.
    pub max_write_request_units: Option<i64>,
}

/// What an index holds beside its keys.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE` (`non_key_attributes`).
    pub projection_type: String,
    /// Names of the attributes that `INCLUDE` includes.
    #[field(set)]
    pub non_key_attributes: Option<Vec<String>>,
}

/// Another key by which the table is read, in any partition.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct GlobalSecondaryIndex {
    /// Name.
    pub index_name: String,
    /// Its key. A change makes the index anew.
    #[field(by("attribute_name"))]
    pub key_schema: Vec<KeySchemaElement>,
    /// What it holds. A change makes the index anew.
    pub projection: Projection,
    /// Capacity, for a table that is `PROVISIONED`.
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Limit, for a table that is `PAY_PER_REQUEST`. Default: none.
    pub on_demand_throughput: Option<OnDemandThroughput>,
}

/// Another order within a partition.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LocalSecondaryIndex {
    /// Name.
    pub index_name: String,
    /// Its key, which begins with the table's.
    #[field(by("attribute_name"))]
    pub key_schema: Vec<KeySchemaElement>,
    /// What it holds.
    pub projection: Projection,
}

/// A stream of changes.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct StreamSpecification {
    /// What it tells of a changed item: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or
    /// `NEW_AND_OLD_IMAGES`.
    pub stream_view_type: String,
}

/// When items expire.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TimeToLiveSpecification {
    /// Attribute that holds an item's end, in seconds since 1970. AWS takes another only an hour
    /// after the one before is disabled.
    pub attribute_name: String,
    /// Whether items expire.
    pub enabled: bool,
}

/// Continuous backups.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PointInTimeRecoverySpecification {
    /// Whether they are made.
    pub point_in_time_recovery_enabled: bool,
    /// Days that one can go back, 1 to 35. Default: 35.
    #[field(server_default)]
    pub recovery_period_in_days: Option<i32>,
}

/// Encryption at rest.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct SseSpecification {
    /// With a KMS key of your account; otherwise with one of DynamoDB's own.
    pub sse_enabled: bool,
    /// `KMS`, the only one.
    #[field(server_default)]
    pub sse_type: Option<String>,
    /// KMS key: ARN, id or alias. Default: the account's key for DynamoDB.
    #[field(server_default)]
    pub kms_master_key_id: Option<String>,
}
