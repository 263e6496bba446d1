//! `ExistingDbInstance`, compared with the SDK's own answer.

use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::ec2::SecurityGroup;
use ferrocrete_resources::rds::ExistingDbInstance;

use crate::world::World;

fn program(stack: &Stack) {
    let find = ExistingDbInstance::builder().db_instance_identifier("theirs");
    let db = stack.lookup("theirs", find);
    stack.export("address", &db.endpoint_address);
    stack.export("version", &db.engine_version);
    stack.add("group", SecurityGroup::builder().group_description("Any"));
}

#[tokio::test]
async fn an_instance_is_found_by_name() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let call = rds.create_db_instance().db_instance_identifier("theirs").engine("postgres");
    let call = call.db_instance_class("db.t3.micro").allocated_storage(20);
    let call = call.master_username("app").master_user_password("plain-one-7c1d");
    call.send().await.unwrap();
    // The lookup waits for nobody: an endpoint exists once the instance is available.
    loop {
        let all = rds.describe_db_instances().send().await.unwrap();
        if all.db_instances()[0].db_instance_status() == Some("available") {
            break;
        }
        tokio::task::yield_now().await;
    }
    world.up(program).await;
    let all = rds.describe_db_instances().send().await.unwrap();
    let exports = world.state().await.exports;
    let text = |t: Option<&str>| Value::String(t.unwrap().to_owned());
    let db = &all.db_instances()[0];
    assert_eq!(exports["address"], text(db.endpoint().and_then(|e| e.address())));
    assert_eq!(exports["version"], text(db.engine_version()));
}

#[tokio::test]
async fn an_unknown_name_is_an_error_that_says_it() {
    let world = World::new().await;
    let error = world.try_up(program).await.unwrap_err().to_string();
    assert!(error.contains("theirs"), "{error}");
}
