//! `AWS::EC2::KeyPair`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::KeyPairInfo;
use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::ec2::{Instance, KeyPair, Subnet, Vpc};

use super::network::{failure, tag, tag_by_hand};
use crate::world::{World, changed, changes};

const ONE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4kD3Yq0b9b0hT1mCgdQ7o5m0x1B1l0XyqX0b2B a@b";
const TWO: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQw7M4kD3Yq0b9b0hT1mCgdQ7o5m0x1B1l0XyqX0b2B a@b";

fn program(
    name: Option<&'static str>,
    key: Option<&'static str>,
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "login",
            KeyPair::builder()
                .maybe_key_name(name)
                .maybe_public_key_material(key)
                .tags([("owner", owner)]),
        );
    }
}

async fn all(ec2: &Client) -> Vec<KeyPairInfo> {
    ec2.describe_key_pairs().send().await.unwrap().key_pairs.unwrap_or_default()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(world.up(program(None, Some(ONE), "anna")).await, ["create login"]);
    let live = all(&ec2).await;
    let name = world.output("login", "key_name").await;
    assert_eq!((live.len(), live[0].key_name()), (1, Some(name.as_str())));
    let id = live[0].key_pair_id().unwrap().to_owned();
    assert_eq!(world.output("login", "key_pair_id").await, id);

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(program(None, Some(ONE), "ben"), "login", &["tags"]).await;
    let live = all(&ec2).await;
    assert_eq!(
        (tag(live[0].tags(), "owner"), tag(live[0].tags(), "cost")),
        (Some("ben"), Some("7"))
    );

    tag_by_hand(&ec2, &id, "owner", "eve").await;
    world.updates(program(None, Some(ONE), "ben"), "login", &["tags"]).await;
    assert_eq!(tag(all(&ec2).await[0].tags(), "owner"), Some("ben"));

    world.replaces(program(None, Some(TWO), "ben"), "login", &["public_key_material"]).await;
    assert_ne!(all(&ec2).await[0].key_pair_id(), Some(id.as_str()));
    world.replaces(program(Some("own"), Some(TWO), "ben"), "login", &["key_name"]).await;
    let live = all(&ec2).await;
    assert_eq!((live.len(), live[0].key_name()), (1, Some("own")));

    // Drift: somebody deletes it.
    ec2.delete_key_pair().key_name("own").send().await.unwrap();
    assert_eq!(world.up(program(Some("own"), Some(TWO), "ben")).await, ["create login"]);
    world.destroy().await;
    assert!(all(&ec2).await.is_empty());
}

#[tokio::test]
async fn another_comment_is_no_other_key() {
    let world = World::new().await;
    let machine = |key: String| {
        move |stack: &Stack| {
            let key = KeyPair::builder().public_key_material(key.as_str());
            let key = stack.add("login", key);
            let net = stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"));
            let subnet = Subnet::builder().vpc_id(&net.vpc_id).cidr_block("10.0.1.0/24");
            let subnet = stack.add("subnet", subnet);
            let machine = Instance::builder().image_id("ami-12c6146b").instance_type("t3.micro");
            stack.add("machine", machine.subnet_id(&subnet.subnet_id).key_name(&key.key_name));
        }
    };
    world.up(machine(ONE.to_owned())).await;
    // As `include_str!` of the file has it, and from another computer.
    assert_eq!(world.up(machine(format!("{ONE}\n"))).await, [""; 0]);
    let bare = ONE.rsplit_once(' ').unwrap().0;
    assert_eq!(world.up(machine(format!("{bare} ben@other\r\n"))).await, [""; 0]);
    assert_eq!(world.count("ec2:ImportKeyPair").await, 1);
    let plan = world.plan(machine(TWO.to_owned())).await;
    assert!(changes(&plan).contains(&"replace login".to_owned()), "{:?}", changes(&plan));
}

#[tokio::test]
async fn a_private_key_is_refused_and_not_shown() {
    let world = World::new().await;
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n\
                   -----END OPENSSH PRIVATE KEY-----\n";
    let error = world.plan_error(program(None, Some(private), "anna")).await;
    assert!(error.contains("public_key_material") && error.contains("private key"), "{error}");
    assert!(!error.contains("b3BlbnNzaC1rZXktdjE"), "{error}");
    assert_eq!(world.tried("ec2:ImportKeyPair").await, 0);
}

/// A pair that AWS makes.
fn made(kind: Option<&'static str>, format: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let key = KeyPair::builder().maybe_key_type(kind).maybe_key_format(format);
        let key = stack.add("login", key);
        stack.export("private", &key.key_material);
    }
}

#[tokio::test]
async fn aws_makes_the_key_when_none_is_given() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(made(Some("ed25519"), None)).await;
    assert_eq!(all(&ec2).await[0].key_type().map(|t| t.as_str()), Some("ed25519"));
    let state = world.state().await;
    let login = state.resources.values().next().unwrap();
    let material = login.outputs.get("key_material").unwrap();
    assert!(material.has_secret(), "the private key is a secret");
    let fingerprint = all(&ec2).await[0].key_fingerprint().unwrap().to_owned();
    assert_eq!(world.output("login", "key_fingerprint").await, fingerprint);
    assert!(!world.stored().contains("PRIVATE KEY"), "state holds it encrypted");

    let (old, new) = world.replaces(made(Some("rsa"), None), "login", &["key_type"]).await;
    let live = all(&ec2).await;
    assert_eq!((live.len(), live[0].key_pair_id()), (1, Some(new.as_str())));
    assert_eq!(live[0].key_type().map(|t| t.as_str()), Some("rsa"));
    assert_ne!(old, new);
    // What AWS takes by itself is no difference, declared or not.
    assert_eq!(world.up(made(None, None)).await, [""; 0]);
    // The sandbox knows PEM only, so this one is only planned.
    let plan = world.plan(made(None, Some("ppk"))).await;
    assert_eq!(changed(&plan, "login"), ["key_format"].into());
    assert_eq!(changes(&plan), ["replace login", "delete replaced login"]);
}

#[tokio::test]
async fn a_private_key_whose_answer_is_lost_is_not_made_up() {
    let world = World::new().await;
    world.finds(made(None, None), "login", "ec2:CreateKeyPair").await;
    // It is gone: there is no output to read, rather than an empty key.
    let nothing = Value::secret(Value::Null);
    assert_eq!(world.state().await.exports.get("private"), Some(&nothing));
    assert_eq!(all(world.aws().await.ec2()).await.len(), 1);
}

#[tokio::test]
async fn a_foreign_key_pair_is_not_adopted() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let material = aws_sdk_ec2::primitives::Blob::new(TWO);
    let call = ec2.import_key_pair().key_name("own").public_key_material(material);
    call.send().await.unwrap();
    let (_, report) = world.try_up(program(Some("own"), Some(ONE), "anna")).await.unwrap();
    assert_eq!(failure(&report), "InvalidKeyPair.Duplicate");
    assert_eq!(all(&ec2).await.len(), 1);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(None, Some(ONE), "anna"), "login", "ec2:ImportKeyPair").await;
}
