"""What a layer computes, on small arrays and in integers: nothing here needs torch but the reference."""
