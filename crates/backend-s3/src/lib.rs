//! Ferrocrete state in S3, locked and journaled in DynamoDB.
