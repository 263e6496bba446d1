mod fixture;

fn program(stack: &ferrocrete_core::Stack) {
    stack.add("net", fixture::Network::builder().cidr_block("10.0.0.0/16").mtu("large"));
}

fn main() {}
