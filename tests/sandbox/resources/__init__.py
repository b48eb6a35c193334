"""Each resource type through CloudFormation: made, seen by its service, changed, taken away."""
