"""What goes in and out: serializers without models, input and output apart, each with an example."""
