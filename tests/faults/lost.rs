//! Creates whose answers are lost: AWS carried them out, and nobody learns of it.

use ferrocrete_sandbox::Fault;

use crate::weather::{example, live, quiet};

/// Every operation of the stack that makes something.
const CREATES: [&str; 15] = [
    "AddRoleToInstanceProfile",
    "AllocateAddress",
    "AssociateAddress",
    "AuthorizeSecurityGroupIngress",
    "ChangeResourceRecordSets",
    "CreateBucket",
    "CreateDBInstance",
    "CreateDBSubnetGroup",
    "CreateHostedZone",
    "CreateInstanceProfile",
    "CreateRole",
    "CreateSecret",
    "CreateSecurityGroup",
    "PutRolePolicy",
    "RunInstances",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_twice() {
    let quiet = quiet().await;
    let example = example().await;
    let account = &example.user.account;
    let lost = CREATES.map(|operation| Fault::drop_after(operation).times(2));
    account.faults(lost).await.unwrap();
    let stormy = live(&example, account.endpoint()).await;
    let hit = account.faults_hit().await.unwrap();
    assert!(hit >= CREATES.len() as u32, "each lost an answer at least once: {hit}");
    assert_eq!(stormy.full.differences(&quiet.full), [""; 0], "what is declared, once");
    let (made, usual) = (stormy.up + stormy.destroy, quiet.up + quiet.destroy);
    println!("{made} calls instead of {usual}, {hit} answers lost");
    // A look, a comparison, and maybe a repetition for each.
    assert!(made <= usual + 4 * hit as usize, "{made} calls; a quiet life takes {usual}");
}
