//! `AWS::EC2::SecurityGroupIngress`.

use ferrocrete_resources::ec2::SecurityGroupIngress as Rule;

super::rules::rule_tests! {
    false,
    maybe_source_prefix_list_id "source_prefix_list_id",
    maybe_source_security_group_id "source_security_group_id",
    authorize_security_group_ingress "ec2:AuthorizeSecurityGroupIngress",
    revoke_security_group_ingress
}
