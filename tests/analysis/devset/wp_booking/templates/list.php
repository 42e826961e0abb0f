<?php $rows = isset($rows) ? $rows : array(); ?>
<table>
<?php foreach ($rows as $row) : ?>
  <tr data-id="<?php echo esc_attr($row->id); ?>">
    <td><?php echo esc_html($row->name); ?></td>
    <td><?php printf('%s', esc_html($row->email)); ?></td>
  </tr>
<?php endforeach; ?>
</table>
<a href="<?php echo esc_url(add_query_arg('paged', 2)); ?>">Next</a>
<a href="<?php echo $_SERVER['PHP_SELF']; ?>?page=1">First</a>
