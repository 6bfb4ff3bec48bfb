throw new Error("This package is left out of the page.");
