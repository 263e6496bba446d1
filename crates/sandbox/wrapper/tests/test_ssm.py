"""Parameters that AWS would refuse."""


def test_an_advanced_parameter_stays_so(aws, refused):
    ssm = aws("ssm")
    put = {"Name": "/shop/url", "Value": "a", "Type": "String"}
    ssm.put_parameter(**put, Tier="Standard")
    ssm.put_parameter(**put, Tier="Advanced", Overwrite=True)
    code = refused(ssm.put_parameter, **put, Tier="Standard", Overwrite=True)
    assert code == "ValidationException"


def test_values_fit_the_pattern(aws, refused):
    ssm = aws("ssm")
    put = {"Name": "/shop/port", "Type": "String"}
    code = refused(ssm.put_parameter, **put, Value="a", AllowedPattern="^[0-9]+$")
    assert code == "ParameterPatternMismatchException"
    ssm.put_parameter(**put, Value="1", AllowedPattern="^[0-9]+$")
    # The pattern stays until it is taken away.
    code = refused(ssm.put_parameter, **put, Value="a", Overwrite=True)
    assert code == "ParameterPatternMismatchException"
    ssm.put_parameter(**put, Value="a", AllowedPattern="", Overwrite=True)
