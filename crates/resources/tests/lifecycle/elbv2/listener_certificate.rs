//! `AWS::ElasticLoadBalancingV2::ListenerCertificate`.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::Certificate;
use ferrocrete_core::Stack;
use ferrocrete_resources::elbv2::{Action, Listener, ListenerCertificate};

use super::{balancer, certificate, network};
use crate::world::World;

/// Further certificates of a listener.
async fn further(elb: &Client, listener: &str) -> Vec<String> {
    let call = elb.describe_listener_certificates().listener_arn(listener).send().await;
    let all = call.unwrap().certificates.unwrap();
    let others = all.into_iter().filter(|c| c.is_default != Some(true));
    others.filter_map(|c| c.certificate_arn).collect()
}

fn program(balancer: &str, main: &str, more: &[&str], port: i32) -> impl Fn(&Stack) + use<> {
    let (balancer, main) = (balancer.to_owned(), main.to_owned());
    let more: Vec<String> = more.iter().map(|m| (*m).to_owned()).collect();
    move |stack| {
        let https = Listener::builder().load_balancer_arn(balancer.as_str()).port(port);
        let https = https.protocol("HTTPS").certificate_arn(main.as_str());
        let action = Action::fixed_response(200, "hello");
        let https = stack.add(&format!("https-{port}"), https.default_actions([action]));
        for (name, arn) in ["it", "other"].into_iter().zip(&more) {
            let one = ListenerCertificate::builder().listener_arn(&https.listener_arn);
            stack.add(name, one.certificate_arn(arn.as_str()));
        }
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let main = certificate(&aws, "a.example").await;
    let (b, c) = (certificate(&aws, "b.example").await, certificate(&aws, "c.example").await);
    let to = |more: &[&str]| program(&web, &main, more, 443);
    assert_eq!(world.up(to(&[&b])).await, ["create https-443", "create it"]);
    let listener = world.id("https-443").await;
    assert_eq!(further(elb, &listener).await, [b.as_str()]);
    assert_eq!(world.output("it", "listener_arn").await, listener);
    assert_eq!(world.output("it", "certificate_arn").await, b);
    let (old, new) = world.replaces(to(&[&c]), "it", &["certificate_arn"]).await;
    assert_ne!(old, new);
    assert_eq!(further(elb, &listener).await, [c.as_str()]);
    assert_eq!(world.up(to(&[&c, &b])).await, ["create other"]);
    // Drift: somebody takes one away.
    let one = Certificate::builder().certificate_arn(&c).build();
    let call = elb.remove_listener_certificates().listener_arn(&listener).certificates(one);
    call.send().await.unwrap();
    assert_eq!(world.up(to(&[&c, &b])).await, ["create it"]);
    // One goes, the listener and the other stay.
    assert_eq!(world.up(to(&[&c])).await, ["delete other"]);
    assert_eq!(further(elb, &listener).await, [c]);
    // With the listener go its certificates, without a call of their own.
    let removed = world.count("elasticloadbalancing:RemoveListenerCertificates").await;
    world.destroy().await;
    assert_eq!(world.count("elasticloadbalancing:RemoveListenerCertificates").await, removed);
}

#[tokio::test]
async fn the_listeners_own_does_not_count() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let main = certificate(&aws, "a.example").await;
    let b = certificate(&aws, "b.example").await;
    world.up(program(&web, &main, &[&b], 443)).await;
    // The further one becomes the listener's own, too: it stays.
    let steps = world.up(program(&web, &b, &[&b], 443)).await;
    assert_eq!(steps, ["update https-443"]);
    assert_eq!(further(elb, &world.id("https-443").await).await, [b]);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let web = balancer(&aws, &network, "web", "application").await;
    let main = certificate(&aws, "a.example").await;
    let b = certificate(&aws, "b.example").await;
    let program = program(&web, &main, &[&b], 443);
    world.finds(program, "it", "elasticloadbalancing:AddListenerCertificates").await;
}
