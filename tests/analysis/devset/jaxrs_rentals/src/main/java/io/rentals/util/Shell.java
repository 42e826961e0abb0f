package io.rentals.util;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public final class Shell {

    private Shell() {}

    public static int run(String command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(Arrays.asList("/bin/sh", "-c"));
        line.add(command);
        return new ProcessBuilder(line).inheritIO().start().waitFor();
    }

    public static int list(String folder) throws IOException, InterruptedException {
        return new ProcessBuilder("ls", "-l", "--", folder).start().waitFor();
    }

    public static Process exec(String file) throws IOException {
        String[] command = {"sh", "-c", "gzip -9 " + file};
        return Runtime.getRuntime().exec(command);
    }
}
