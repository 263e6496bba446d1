//! What the user reads when the place cannot be used.

use aws_config::SdkConfig;
use ferrocrete_backend_s3::{S3Backend, S3Location};
use ferrocrete_core::state::{StateBackend, StateError};
use ferrocrete_sandbox::Fault;

use crate::world::{LONG, holder, lease, ready};

fn unusable(error: &StateError, why: &str, fix: &str) {
    assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
    let text = error.to_string();
    let (said, todo) = text.split_once("what to do").unwrap();
    assert!(said.contains(why), "{why}: {text}");
    assert!(todo.contains(fix), "{fix}: {text}");
}

#[tokio::test]
async fn wrong_table_name() {
    let world = ready().await;
    let mut location = world.location.clone();
    location.table = "no-such-table".to_owned();
    let backend = S3Backend::new(location, &world.config, "shop", "dev").unwrap();
    let lease = lease(&world.backend()).await;
    let errors = [
        backend.load().await.unwrap_err(),
        backend.acquire(&holder("anna"), LONG).await.unwrap_err(),
        backend.lock_info().await.unwrap_err(),
        backend.append(&lease, 1, &["x".to_owned()]).await.unwrap_err(),
    ];
    for error in errors {
        unusable(
            &error,
            "DynamoDB table `no-such-table` (us-east-1): the table does not exist",
            "check the table name (`table=…`)",
        );
    }
}

#[tokio::test]
async fn wrong_bucket_name() {
    let world = ready().await;
    let mut location = world.location.clone();
    location.bucket = format!("wrong-{}", world.account.id);
    let backend = S3Backend::new(location.clone(), &world.config, "shop", "dev").unwrap();
    let lease = lease(&backend).await;
    let errors = [
        backend.load().await.unwrap_err(),
        backend.write_snapshot(&lease, b"1", None, 0).await.unwrap_err(),
    ];
    for error in errors {
        let why = format!("bucket `{}` (us-east-1): the bucket does not exist", location.bucket);
        unusable(&error, &why, "run `backend init`");
    }
}

#[tokio::test]
async fn denied_redirected_and_expired() {
    let world = ready().await;
    let backend = world.backend();
    let cases = [
        (
            Fault::status("GetObject", 403, "AccessDenied"),
            "access is denied to s3:GetObject",
            "permissions",
        ),
        (
            Fault::status("Query", 400, "AccessDeniedException"),
            "access is denied to dynamodb:Query",
            "permissions",
        ),
        (Fault::status("GetObject", 301, "PermanentRedirect"), "in another region", "`region=…`"),
        (
            Fault::status("Query", 400, "ExpiredTokenException"),
            "credentials are not accepted",
            "log in again",
        ),
        (
            Fault::status("Query", 400, "UnrecognizedClientException"),
            "credentials are not accepted",
            "log in again",
        ),
        (
            Fault::status("Query", 400, "ValidationException"),
            "refuses dynamodb:Query",
            "table name",
        ),
    ];
    for (fault, why, fix) in cases {
        world.account.faults([fault]).await.unwrap();
        unusable(&backend.load().await.unwrap_err(), why, fix);
    }
}

#[tokio::test]
async fn a_service_that_fails_is_io() {
    let world = ready().await;
    let fault = Fault::status("Query", 500, "InternalServerError").times(10);
    world.account.faults([fault]).await.unwrap();
    let error = world.backend().load().await.unwrap_err();
    assert!(matches!(error, StateError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("dynamodb:Query"), "{error}");
}

#[tokio::test]
async fn nothing_listens() {
    let world = ready().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = world.config.to_builder().endpoint_url(url).build();
    let backend = S3Backend::new(world.location.clone(), &config, "shop", "dev").unwrap();
    let error = backend.load().await.unwrap_err();
    assert!(matches!(error, StateError::Io { .. }), "{error:?}");
}

#[tokio::test]
async fn no_credentials() {
    let world = ready().await;
    let config = world.config.to_builder().credentials_provider(nobody()).build();
    let backend = S3Backend::new(world.location.clone(), &config, "shop", "dev").unwrap();
    let error = backend.load().await.unwrap_err();
    unusable(&error, "there are no AWS credentials", "log in");
}

/// Like the default chain when no provider of it has credentials.
fn nobody() -> aws_credential_types::provider::SharedCredentialsProvider {
    use aws_credential_types::provider::error::CredentialsError;
    use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
    #[derive(Debug)]
    struct Nobody;
    impl ProvideCredentials for Nobody {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let error = CredentialsError::not_loaded_no_source();
            future::ProvideCredentials::ready(Err(error))
        }
    }
    SharedCredentialsProvider::new(Nobody)
}

#[test]
fn no_region_and_bad_names() {
    let location = S3Location::parse("s3://bucket").unwrap();
    let config = SdkConfig::builder().build();
    let error = S3Backend::new(location.clone(), &config, "shop", "dev").unwrap_err();
    unusable(&error, "s3://bucket: no AWS region is set", "add `region=…`");
    let location = S3Location::parse("s3://bucket?region=eu-west-1").unwrap();
    let backend = S3Backend::new(location.clone(), &config, "shop", "dev").unwrap();
    assert_eq!(backend.describe(), "s3://bucket/shop/dev?region=eu-west-1");
    for (project, stack) in [("..", "dev"), ("shop", "a/b"), ("shop", ""), ("shop", ".")] {
        let error = S3Backend::new(location.clone(), &config, project, stack).unwrap_err();
        unusable(&error, "is not valid", "choose another");
    }
}
