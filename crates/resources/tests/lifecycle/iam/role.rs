//! `AWS::IAM::Role`.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{Role as SdkRole, Tag};
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::{Role, RolePolicy};

use super::{allowing, roles, text, trusting};
use crate::world::{World, changed};

#[derive(Clone, Copy)]
struct Wanted {
    service: &'static str,
    description: Option<&'static str>,
    hours: Option<i32>,
    path: &'static str,
    boundary: Option<&'static str>,
    owner: &'static str,
}

const FIRST: Wanted = Wanted {
    service: "ec2.amazonaws.com",
    description: Some("Web"),
    hours: Some(1),
    path: "/",
    boundary: None,
    owner: "anna",
};

const BOUNDARY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "machine",
            Role::builder()
                .assume_role_policy_document(trusting(wanted.service))
                .maybe_description(wanted.description)
                .maybe_max_session_duration(wanted.hours.map(|hours| hours * 3600))
                .path(wanted.path)
                .maybe_permissions_boundary(wanted.boundary)
                .tags([("owner", wanted.owner)]),
        );
    }
}

async fn live(iam: &Client, name: &str) -> SdkRole {
    iam.get_role().role_name(name).send().await.unwrap().role.unwrap()
}

fn tag<'r>(role: &'r SdkRole, key: &str) -> Option<&'r str> {
    role.tags().iter().find(|t| t.key() == key).map(|t| t.value())
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    assert_eq!(world.up(program(FIRST)).await, ["create machine"]);
    let name = world.id("machine").await;
    let role = live(&iam, &name).await;
    assert!(role.assume_role_policy_document().unwrap().contains("ec2.amazonaws.com"));
    assert_eq!((role.description(), role.max_session_duration()), (Some("Web"), Some(3600)));
    assert_eq!((role.path(), tag(&role, "owner")), ("/", Some("anna")));
    assert_eq!(world.output("machine", "arn").await, role.arn());
    assert_eq!(world.output("machine", "role_id").await, role.role_id());

    let foreign = Tag::builder().key("cost").value("7").build().unwrap();
    iam.tag_role().role_name(&name).tags(foreign).send().await.unwrap();
    let steps = [
        (Wanted { service: "ecs-tasks.amazonaws.com", ..FIRST }, "assume_role_policy_document"),
        (Wanted { description: Some("Tasks"), ..FIRST }, "description"),
        (Wanted { hours: Some(2), ..FIRST }, "max_session_duration"),
        (Wanted { boundary: Some(BOUNDARY), ..FIRST }, "permissions_boundary"),
        (Wanted { owner: "ben", ..FIRST }, "tags"),
    ];
    for (wanted, property) in steps {
        world.updates(program(wanted), "machine", &[property]).await;
        let role = live(&iam, &name).await;
        assert!(role.assume_role_policy_document().unwrap().contains(wanted.service));
        assert_eq!(role.description(), wanted.description);
        assert_eq!(role.max_session_duration(), wanted.hours.map(|hours| hours * 3600));
        let boundary = role.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
        assert_eq!(boundary, wanted.boundary);
        assert_eq!((tag(&role, "owner"), tag(&role, "cost")), (Some(wanted.owner), Some("7")));
        world.updates(program(FIRST), "machine", &[property]).await;
    }
    // Taken out, AWS's default comes back.
    world.up(program(Wanted { hours: Some(2), ..FIRST })).await;
    let unsaid = program(Wanted { hours: None, ..FIRST });
    world.updates(unsaid, "machine", &["max_session_duration"]).await;
    assert_eq!(live(&iam, &name).await.max_session_duration(), Some(3600));
    world.up(program(FIRST)).await;
    let undescribed = Wanted { description: None, ..FIRST };
    world.updates(program(undescribed), "machine", &["description"]).await;
    assert_eq!(live(&iam, &name).await.description().unwrap_or_default(), "");

    let (old, new) = world
        .replaces(program(Wanted { path: "/web/", ..undescribed }), "machine", &["path"])
        .await;
    assert_eq!(roles(&iam).await, [new.as_str()]);
    assert_ne!(old, new);
    assert_eq!(live(&iam, &new).await.path(), "/web/");
    world.destroy().await;
    assert_eq!(roles(&iam).await, [""; 0]);
}

#[tokio::test]
async fn drift_is_mended() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program(FIRST)).await;
    let name = world.id("machine").await;
    iam.update_role()
        .role_name(&name)
        .description("Web")
        .max_session_duration(7200)
        .send()
        .await
        .unwrap();
    world.updates(program(FIRST), "machine", &["max_session_duration"]).await;
    assert_eq!(live(&iam, &name).await.max_session_duration(), Some(3600));
    iam.delete_role().role_name(&name).send().await.unwrap();
    assert_eq!(world.up(program(FIRST)).await, ["create machine"]);
}

#[tokio::test]
async fn a_foreign_role_is_not_adopted() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let made = iam.create_role().role_name("taken").assume_role_policy_document(trust);
    made.send().await.unwrap();
    let named = |stack: &Stack| {
        let role = Role::builder().role_name("taken");
        stack.add("machine", role.assume_role_policy_document(trusting("ec2.amazonaws.com")));
    };
    let (plan, report) = world.try_up(named).await.unwrap();
    assert!(changed(&plan, "machine").contains("role_name"));
    let code = report.failures[0].error.code.clone();
    assert_eq!(code.as_deref(), Some("EntityAlreadyExists"));
    assert!(world.state().await.resources.is_empty());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(FIRST), "machine", "iam:CreateRole").await;
}

/// A role with a chosen name, and optionally a policy in it.
fn named(name: &'static str, path: &'static str, policy: bool) -> impl Fn(&Stack) {
    move |stack| {
        let role = Role::builder().role_name(name).path(path);
        let trust = trusting("ec2.amazonaws.com");
        let role = stack.add("machine", role.assume_role_policy_document(trust));
        if policy {
            let reading = RolePolicy::builder().role_name(&role.role_name);
            stack.add("reading", reading.policy_document(allowing("s3:GetObject")));
        }
    }
}

#[tokio::test]
async fn a_chosen_name_lives_through_a_replacement() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(named("web", "/", false)).await;
    let first = live(&iam, "web").await;
    world.replaces(named("web", "/app/", false), "machine", &["path"]).await;
    let second = live(&iam, "web").await;
    assert_eq!(second.path(), "/app/");
    assert_ne!(first.role_id(), second.role_id());
    world.replaces(named("api", "/app/", false), "machine", &["role_name"]).await;
    assert_eq!(roles(&iam).await, ["api"]);
}

/// IAM refuses to delete a role that has a policy, so what hangs on the role goes first.
#[tokio::test]
async fn a_chosen_name_is_replaced_with_the_policy_in_it() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(named("web", "/", true)).await;
    world.up(named("web", "/app/", true)).await;
    assert_eq!(live(&iam, "web").await.path(), "/app/");
    let policies = iam.list_role_policies().role_name("web").send().await.unwrap();
    assert_eq!(policies.policy_names().len(), 1);
}

#[tokio::test]
async fn tags_that_are_taken_out_go() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let program = |owner: Option<&'static str>| {
        move |stack: &Stack| {
            let role = Role::builder().maybe_tags(owner.map(|o| [("owner", o)]));
            let trust = trusting("ec2.amazonaws.com");
            drop(stack.add("machine", role.assume_role_policy_document(trust)));
        }
    };
    world.up(program(Some("anna"))).await;
    let name = world.id("machine").await;
    let foreign = Tag::builder().key("cost").value("7").build().unwrap();
    iam.tag_role().role_name(&name).tags(foreign).send().await.unwrap();
    world.updates(program(None), "machine", &["tags"]).await;
    let role = live(&iam, &name).await;
    assert_eq!((tag(&role, "owner"), tag(&role, "cost")), (None, Some("7")));
    assert!(tag(&role, "ferrocrete:urn").is_some());
}

#[tokio::test]
async fn what_others_attached_goes_with_the_role_when_the_program_says_so() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let forced = |stack: &Stack| {
        let role = Role::builder().assume_role_policy_document(trusting("ec2.amazonaws.com"));
        stack.add("machine", role.force_detach_policies(true));
    };
    world.up(forced).await;
    let name = world.id("machine").await;
    iam.attach_role_policy().role_name(&name).policy_arn(BOUNDARY).send().await.unwrap();
    let call = iam.put_role_policy().role_name(&name).policy_name("theirs");
    call.policy_document(text("s3:GetObject")).send().await.unwrap();
    iam.create_instance_profile().instance_profile_name("theirs").send().await.unwrap();
    let call = iam.add_role_to_instance_profile().instance_profile_name("theirs");
    call.role_name(&name).send().await.unwrap();
    world.destroy().await;
    assert!(!roles(&iam).await.contains(&name));
    let theirs = iam.get_instance_profile().instance_profile_name("theirs").send().await.unwrap();
    assert!(theirs.instance_profile.unwrap().roles.is_empty(), "the profile stays");
}

#[tokio::test]
async fn who_holds_a_role_is_said() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program(FIRST)).await;
    assert_eq!(world.holders::<Role>("machine").await, None);
    let name = world.id("machine").await;
    let call = iam.attach_role_policy().role_name(&name).policy_arn(BOUNDARY);
    call.send().await.unwrap();
    iam.create_instance_profile().instance_profile_name("theirs").send().await.unwrap();
    let call = iam.add_role_to_instance_profile().instance_profile_name("theirs");
    call.role_name(&name).send().await.unwrap();
    let told = world.holders::<Role>("machine").await.unwrap();
    assert_eq!(told, "attached policy `ReadOnlyAccess`, instance profile `theirs`");
}
