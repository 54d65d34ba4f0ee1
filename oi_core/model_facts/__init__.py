"""What is known of models besides what they answer: window sizes, prices."""
