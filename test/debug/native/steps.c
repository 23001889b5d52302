// Stepping by line: calls in expressions, loops, recursion, a function without a frame.
int total;
int numbers[4] = {3, 1, 2};

static int square(int x)
{
  int y = x * x;
  return y;
}

static int sum(int depth)
{
  if (depth == 0)
    return 0;
  return depth + sum(depth - 1);
}

int main(void)
{
  int x = square(3);
  for (int i = 0; i < 3; i++)
    numbers[i] += x;
  total = square(4) + square(5);
  total += sum(2);
  numbers[3] = total;
  return total & 127;
}
