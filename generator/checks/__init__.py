"""What a template has to pass. Kept empty: cfn-lint imports the rules through this package."""
