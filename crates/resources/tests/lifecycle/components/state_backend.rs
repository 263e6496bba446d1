//! State backend.

use ferrocrete_core::Stack;
use ferrocrete_resources::components::StateBackend;

use crate::world::World;

fn program(disposable: bool) -> impl Fn(&Stack) {
    move |stack| {
        let state = StateBackend::builder().prefix("shop").disposable(disposable).build();
        let state = stack.component("state", state);
        stack.export("url", &state.url);
        stack.export("bucket", &state.bucket_name);
        stack.export("table", &state.table_name);
    }
}

#[tokio::test]
async fn bucket_and_table_keep_state_safe() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(false)).await;
    let (bucket, table) = (world.export("bucket").await, world.export("table").await);
    assert_eq!(world.export("url").await, format!("s3://{bucket}/shop?table={table}"));

    let versions = aws.s3().get_bucket_versioning().bucket(&bucket).send().await.unwrap();
    assert_eq!(versions.status().map(|s| s.as_str()), Some("Enabled"));
    let public = aws.s3().get_public_access_block().bucket(&bucket).send().await.unwrap();
    let public = public.public_access_block_configuration.unwrap();
    assert_eq!(public.restrict_public_buckets(), Some(true));
    let policy = aws.s3().get_bucket_policy().bucket(&bucket).send().await.unwrap();
    assert!(policy.policy().unwrap().contains("aws:SecureTransport"));
    let made = aws.dynamodb().describe_table().table_name(&table).send().await.unwrap();
    let made = made.table.unwrap();
    let keys: Vec<_> = made.key_schema().iter().map(|k| k.attribute_name()).collect();
    assert_eq!(keys, ["pk", "sk"]);
    assert_eq!(made.deletion_protection_enabled(), Some(true));

    // State of others is not thrown away by accident.
    aws.s3()
        .put_object()
        .bucket(&bucket)
        .key("shop/x")
        .body(b"x".to_vec().into())
        .send()
        .await
        .unwrap();
    world.up(program(true)).await;
    world.destroy().await;
    let list = aws.s3().list_buckets().send().await.unwrap();
    assert!(list.buckets().is_empty());
}
